// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CallTrace
import Cryptoki

/// The only way from C into the library and back. Every entry point calls `entryPoint`, which finds the provider and
/// converts errors to return codes. The other parameters are evaluated only for a trace.
func entryPoint(
    _ arguments: @autoclosure () -> [TracedValue] = [], giving results: @autoclosure () -> [TracedValue] = [],
    function: StaticString = #function, _ body: (Provider) throws(CryptokiError) -> Void
) -> CK_RV {
    returnCode(arguments(), giving: results(), function: function) { () throws(CryptokiError) in
        try body(ProcessState.current.initializedProvider())
    }
}

/// For functions that work before C_Initialize.
func returnCode(
    _ arguments: @autoclosure () -> [TracedValue] = [], giving results: @autoclosure () -> [TracedValue] = [],
    function: StaticString = #function, _ body: () throws(CryptokiError) -> Void
) -> CK_RV {
    let cancellation = Cancellation.postponed()
    defer { cancellation.restore() }
    guard let trace = CallTrace.ofProcess else { return returnCode(of: body) }
    // "C_Login(_:_:_:_:)"
    let name = String(function.description.prefix { $0 != "(" })
    let start = trace.call(name, arguments().map(\.text))
    let code = returnCode(of: body)
    trace.done(
        name, StandardName.returnCode(code), since: start, isAnswered(code) ? results().map(\.text) : [])
    return code
}

private func returnCode(of body: () throws(CryptokiError) -> Void) -> CK_RV {
    do throws(CryptokiError) {
        try body()
        return CKR_OK
    } catch {
        return error.code
    }
}

/// Whether the caller's memory contains results.
private func isAnswered(_ code: CK_RV) -> Bool {
    [CKR_OK, CKR_BUFFER_TOO_SMALL, CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID].contains(code)
}
