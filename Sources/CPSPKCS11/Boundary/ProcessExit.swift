// SPDX-License-Identifier: Apache-2.0

/// Called by the dynamic linker when the process ends by exit(), after the program's own exit handlers: many programs
/// never call C_Finalize. It is in the library's own list of destructors, so that nothing in the process changes for
/// it. Other ends (_exit, a signal) do not call it (docs/architecture.md, "What is left of a login").
@section(".fini_array") @used
private let processExit: @convention(c) () -> Void = { ProcessState.atExit() }
