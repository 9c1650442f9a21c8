// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// Readers of which connections and failures are told to a trace.
public final class TracingReaderService: ReaderService {
    private let readers: any ReaderService
    private let trace: CallTrace

    /// Stands before the readers that do the work.
    public init(_ readers: any ReaderService, trace: CallTrace) {
        self.readers = readers
        self.trace = trace
    }

    /// The names that the readers behind it give; a failure is written to the trace.
    public func readerNames() throws(ChannelError) -> [String] {
        try logging { () throws(ChannelError) in try readers.readerNames() }
    }

    /// The states that the readers behind it give; a failure is written to the trace.
    public func states(of readers: [String]) throws(ChannelError) -> [ReaderState] {
        let service = self.readers
        return try logging { () throws(ChannelError) in try service.states(of: readers) }
    }

    /// Waits as the readers behind it do; a failure is written to the trace.
    public func waitForChange(
        from known: [(reader: String, state: ReaderState)], milliseconds: Int
    ) throws(ChannelError) {
        try logging { () throws(ChannelError) in try readers.waitForChange(from: known, milliseconds: milliseconds) }
    }

    /// Connects, and writes to the trace that it did. All commands of the channel go there too, masked.
    public func connect(to reader: String) throws(ChannelError) -> any CardChannel {
        let channel = try logging { () throws(ChannelError) in try readers.connect(to: reader) }
        return TracingCardChannel(channel, reader: reader, trace: trace)
    }

    /// Passed on; not traced, as no call of PKCS#11 belongs to it.
    public func cancelWaits() { readers.cancelWaits() }

    /// Passed on; the trace stays open.
    public func close() { readers.close() }

    private func logging<Result>(_ body: () throws(ChannelError) -> Result) throws(ChannelError) -> Result {
        do throws(ChannelError) {
            return try body()
        } catch {
            trace.write("readers failed \(error.name)")
            throw error
        }
    }
}
