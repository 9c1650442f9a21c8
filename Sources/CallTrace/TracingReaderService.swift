// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// Readers that log connections and failures to a trace.
public final class TracingReaderService: ReaderService {
    private let readers: any ReaderService
    private let trace: CallTrace

    /// Wraps the real readers.
    public init(_ readers: any ReaderService, trace: CallTrace) {
        self.readers = readers
        self.trace = trace
    }

    /// As in the wrapped readers.
    /// - Throws: as there. The error is logged.
    public func readerNames() throws(ChannelError) -> [String] {
        try logging { () throws(ChannelError) in try readers.readerNames() }
    }

    /// As in the wrapped readers.
    /// - Throws: as there. The error is logged.
    public func states(of readers: [String]) throws(ChannelError) -> [ReaderState] {
        let service = self.readers
        return try logging { () throws(ChannelError) in try service.states(of: readers) }
    }

    /// As in the wrapped readers.
    /// - Throws: as there. The error is logged.
    public func waitForChange(
        from known: [(reader: String, state: ReaderState)], milliseconds: Int
    ) throws(ChannelError) {
        try logging { () throws(ChannelError) in try readers.waitForChange(from: known, milliseconds: milliseconds) }
    }

    /// Connects, and logs the connection. The channel logs its commands, masked.
    /// - Throws: as the wrapped readers. The error is logged.
    public func connect(to reader: String) throws(ChannelError) -> any CardChannel {
        let channel = try logging { () throws(ChannelError) in try readers.connect(to: reader) }
        return TracingCardChannel(channel, reader: reader, trace: trace)
    }

    /// As in the wrapped readers. Not logged.
    public func cancelWaits() { readers.cancelWaits() }

    /// As in the wrapped readers. The trace is still usable.
    public func close() { readers.close() }

    private func logging<Result>(_ body: () throws(ChannelError) -> Result) throws(ChannelError) -> Result {
        do throws(ChannelError) {
            return try body()
        } catch {
            trace.log(.readersFailed(error))
            throw error
        }
    }
}
