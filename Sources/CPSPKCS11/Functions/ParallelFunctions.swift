// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Parallel function management (PKCS#11 3.1 §5.22), a relic: no function runs in
/// parallel.

/// Asks after a function that runs in parallel: none does. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_GetFunctionStatus(_ session: CK_SESSION_HANDLE) -> CK_RV {
    notSupported()
}

/// Cancels a function that runs in parallel: none does. CKR_FUNCTION_NOT_SUPPORTED.
@c @implementation
public func C_CancelFunction(_ session: CK_SESSION_HANDLE) -> CK_RV {
    notSupported()
}
