// SPDX-License-Identifier: Apache-2.0

/// Something that is fuzzed.
struct FuzzTarget: Sendable {
    let name: String
    /// Makes what all runs share.
    var prepare: @Sendable () throws -> Void = {}
    /// Takes one input: it must come back, whatever that is.
    let run: @Sendable (inout FuzzInput) -> Void
    /// Inputs that a virtual card gives.
    let seeds: @Sendable (CardSample) throws -> [[UInt8]]

    /// A target without a state, whose whole input is what a card holds or sends.
    init(
        _ name: String, seeds: @escaping @Sendable (CardSample) throws -> [[UInt8]],
        _ parse: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.init(name: name, run: { input in try? parse(input.all()) }, seeds: seeds)
    }

    init(
        name: String, prepare: @escaping @Sendable () throws -> Void = {},
        run: @escaping @Sendable (inout FuzzInput) -> Void,
        seeds: @escaping @Sendable (CardSample) throws -> [[UInt8]]
    ) {
        (self.name, self.prepare, self.run, self.seeds) = (name, prepare, run, seeds)
    }

    static let all =
        bytes + files + [certificate, padding, verification, healthData]
        + [exchange, trace, pinPadFeatures, cacheFile, initializationString] + [token, cInterface]
}
