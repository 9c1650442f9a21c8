// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Parallel function management (PKCS#11 3.1 §5.22), a relic: no function runs in
/// parallel.

/// Asks after a function that runs in parallel: CKR_FUNCTION_NOT_PARALLEL.
@c @implementation
public func C_GetFunctionStatus(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (_) throws(CryptokiError) in throw .functionNotParallel }
}

/// Cancels a function that runs in parallel: CKR_FUNCTION_NOT_PARALLEL.
@c @implementation
public func C_CancelFunction(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (_) throws(CryptokiError) in throw .functionNotParallel }
}
