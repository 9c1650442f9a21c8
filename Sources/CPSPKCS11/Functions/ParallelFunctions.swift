// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Parallel function management (PKCS#11 3.1 §5.20), a legacy: no function runs in parallel.

/// The status of a parallel function. CKR_FUNCTION_NOT_PARALLEL.
@c @implementation
public func C_GetFunctionStatus(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (_) throws(CryptokiError) in throw .functionNotParallel }
}

/// Cancels a parallel function. CKR_FUNCTION_NOT_PARALLEL.
@c @implementation
public func C_CancelFunction(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (_) throws(CryptokiError) in throw .functionNotParallel }
}
