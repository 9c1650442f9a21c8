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
    guard let trace = CallTrace.ofProcess else { return failure(of: body)?.code ?? CKR_OK }
    // "C_Login(_:_:_:_:)"
    let name = String(function.description.prefix { $0 != "(" })
    let start = trace.call(name, arguments().map(\.text))
    let failure = failure(of: body)
    trace.done(
        name, failure?.name.description ?? "CKR_OK", since: start,
        isAnswered(failure) ? results().map(\.text) : [])
    return failure?.code ?? CKR_OK
}

/// Why a function failed; nil for success.
private func failure(of body: () throws(CryptokiError) -> Void) -> CryptokiError? {
    do throws(CryptokiError) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// Whether the caller's memory contains results.
private func isAnswered(_ failure: CryptokiError?) -> Bool {
    switch failure {
    case nil, .bufferTooSmall, .attributeSensitive, .attributeTypeInvalid: true
    default: false
    }
}
