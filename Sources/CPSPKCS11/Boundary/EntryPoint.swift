import CPKCS11
import Cryptoki

/// The one way from C into the library and back: every entry point is a call of
/// `entryPoint`, which finds the provider and turns errors into return codes.
func entryPoint(_ body: (Provider) throws(CryptokiError) -> Void) -> CK_RV {
    returnCode { () throws(CryptokiError) in
        try body(ProcessState.current.initializedProvider())
    }
}

/// For the functions that work before C_Initialize.
func returnCode(_ body: () throws(CryptokiError) -> Void) -> CK_RV {
    do throws(CryptokiError) {
        try body()
        return CKR_OK
    } catch {
        return error.code
    }
}

/// For the functions that a card which is only read, and knows RSA alone, has no
/// use for.
func notSupported() -> CK_RV {
    entryPoint { (_) throws(CryptokiError) in throw .functionNotSupported }
}
