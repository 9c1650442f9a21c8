// SPDX-License-Identifier: Apache-2.0

import CallTrace
import ISO7816
import Messages
import Testing

@testable import TraceReading

@Suite("A trace as text", .enabled(if: Language.current == .english))
struct TraceTextTests {
    private func text(_ lines: [String], showsBytes: Bool = false) -> ([String], TraceText.Totals) {
        var text = TraceText(process: 7, showsBytes: showsBytes)
        var result: [String] = []
        for line in lines { result += text.add(line) }
        return (result + text.rest(atEnd: true), text.totals)
    }

    @Test("A call without commands is one line")
    func oneLine() {
        let (lines, totals) = text([
            "1.000000 7/7 call C_GetSlotInfo slot=0", "1.000100 7/7 done C_GetSlotInfo CKR_OK 31",
        ])
        #expect(lines == ["C_GetSlotInfo slot=0 = CKR_OK (31 µs)"])
        #expect(totals.calls == 1 && totals.failedCalls == 0 && totals.callTime == 31)
    }

    @Test("Commands stand below their call, with what came back")
    func commands() {
        let (lines, totals) = text([
            "1.000000 7/7 call C_Login session=1 pin=**",
            "1.000100 7/7 card 1 connected T=0 A reader 00",
            "1.000200 7/7 card 1 > 00 20 00 01 **",
            "1.000700 7/7 card 1 < 63 C2",
            "1.001000 7/7 done C_Login CKR_PIN_INCORRECT 1600",
        ])
        #expect(
            lines == [
                "C_Login session=1 pin=**",
                "    connected: T=0 A reader 00",
                "    VERIFY PIN 01 ****                              63 C2 wrong PIN, 2 tries left",
                "  = CKR_PIN_INCORRECT (1.6 ms)",
            ])
        #expect(
            totals
                == .init(
                    calls: 1, failedCalls: 1, callTime: 1600, commands: 1, cardTime: 500, bytesSent: 4, bytesReceived: 2
                ))
    }

    @Test("Bytes are shown when asked for, hidden ones are counted")
    func bytes() {
        let (lines, totals) = text(
            ["1.000200 7/7 card 1 > 00 B0 00 00 10", "1.000700 7/7 card 1 < *16 90 00"], showsBytes: true)
        #expect(
            lines == [
                "    READ BINARY 16 at 0                             90 00 done, 16 bytes",
                "        > 00 B0 00 00 10", "        < *16 90 00",
            ])
        #expect(totals.bytesReceived == 18)
    }

    @Test("Other processes and threads are told apart")
    func threads() {
        let (lines, _) = text([
            "1.000000 7/9 call C_A", "1.000001 8/8 call C_B", "1.000002 8/10 call C_C",
            "1.000003 7/9 done C_A CKR_OK 3", "1.000004 8/8 done C_B CKR_OK 3", "1.000005 8/10 done C_C CKR_OK 3",
        ])
        #expect(lines == ["[/9] C_A = CKR_OK (3 µs)", "[8] C_B = CKR_OK (3 µs)", "[8/10] C_C = CKR_OK (3 µs)"])
    }

    @Test("What does not come back is told of")
    func unfinished() {
        let (lines, _) = text(["1.000000 7/7 call C_Sign session=1", "1.000200 7/7 card 1 > 00 C0 00 00 10"])
        #expect(lines == ["C_Sign session=1", "    GET RESPONSE 16  (no answer)", "  (did not return)"])
    }

    @Test("A command that fails on its way")
    func failure() {
        let (lines, _) = text([
            "1.000000 7/7 call C_Sign", "1.000200 7/7 card 1 > 00 C0 00 00 10",
            "1.000300 7/7 card 1 failed card-removed",
            "1.000400 7/7 done C_Sign CKR_DEVICE_REMOVED 400",
        ])
        #expect(
            lines == [
                "C_Sign", "    GET RESPONSE 16", "    failed: the card was taken out",
                "  = CKR_DEVICE_REMOVED (400 µs)",
            ])
    }

    @Test(
        "What is no line of a trace is left out",
        arguments: [
            "", " ", "1.0 7/7 call C_A", "1.000000 7 call C_A", "1.000000 7/7 done C_A CKR_OK",
            "1.000000 7/7 card x > 00",
            "1.000000 7/7 card 1", "1.000000 7/7 song C_A", "99999999999999999999.000000 7/7 call C_A",
        ])
    func malformed(line: String) {
        #expect(TraceLine(line) == nil)
    }

    private static let bytes = MaskedBytes([.byte(0x00), .byte(0xB0), .hidden(12), .hidden(nil), .byte(0x90)])
    private static let cardEvents: [TraceLine.CardEvent] =
        [
            .connected(.t0, reader: "A reader 00"), .connected(.t1, reader: "B"), .command(bytes), .keypad(bytes),
            .response(bytes), .reset, .wasReset, .disconnected, .failed(.other(0x8010_001F)),
        ] + ChannelError.named.map { .failed($0) }

    @Test("Every line that the library writes can be read again", arguments: [0, 5_000_001, 86_400_123_456])
    func roundTrip(time: Int) {
        let events: [TraceLine.Event] =
            [
                .call(function: "C_A", arguments: ""), .call(function: "C_A", arguments: "slot=0 flags=0x4"),
                .done(function: "C_A", code: "CKR_OK", microseconds: 3, results: ""),
                .done(function: "C_A", code: "CKR_OK", microseconds: 3, results: "slots=1 room=NULL"),
            ] + TraceTextTests.cardEvents.map { .card(12, $0) } + ChannelError.named.map { .readersFailed($0) }
        for event in events {
            let line = TraceLine(time: time, process: 7, thread: 9, event: event).text
            #expect(TraceLine(line)?.text == line)
        }
    }

    @Test("Each way to fail has its words", arguments: ChannelError.named)
    func failures(error: ChannelError) {
        let line = TraceLine(time: 0, process: 7, thread: 7, event: .readersFailed(error)).text
        #expect(text([line]).0.first?.contains(error.traceName) == false)
    }
}
