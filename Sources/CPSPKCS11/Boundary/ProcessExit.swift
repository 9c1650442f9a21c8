// SPDX-License-Identifier: Apache-2.0

/// Called by the dynamic linker when the process ends by exit(), after all that the
/// program itself has registered: many programs never call C_Finalize. It stands
/// in the library's own list of destructors, so that nothing of the process is
/// touched for it. What ends in another way (_exit, a signal) does not come by here
/// (docs/architecture.md, "What is left of a login").
@section(".fini_array") @used
private let processExit: @convention(c) () -> Void = { ProcessState.atExit() }
