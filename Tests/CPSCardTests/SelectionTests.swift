// SPDX-License-Identifier: Apache-2.0

import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import CPSCard

/// How files are selected before they are read (cards.md §9.2).
@Suite struct SelectionTests {
    /// Cards that take files in other forms than the usual one.
    enum Habit: CaseIterable {
        case usual, refusesSilentSelection, wantsSelectionFetched

        var options: VirtualCard.Options {
            var options = VirtualCard.Options()
            options.refusesSilentFileSelection = self == .refusesSilentSelection
            options.wantsSelectionFetched = self == .wantsSelectionFetched
            return options
        }
    }

    @Test("whatever a CPS3 wants of a SELECT, everything is read, and keys are used", arguments: Habit.allCases)
    func everything(habit: Habit) throws {
        let read = try ReadCard(TestReader(.cps3, options: habit.options))
        #expect(read.identity.isComplete && read.pins.isComplete && read.contents.isComplete)
        try read.logIn()
        _ = try read.sign([1], .sha256, .signature)
        #expect(try !read.card.readData(read.data("CPS_ACTIVITY_01_PS")).isEmpty)
        #expect(try !read.card.readData(read.data("CPS2TER_ACTIVITY_01_PS")).isEmpty)
        let value: [UInt8] = [1, 2, 3]
        try read.card.writeData(value, to: read.data("CPS_DATA"))
        #expect(try read.card.readData(read.data("CPS_DATA")).prefix(3) == [1, 2, 3])
        #expect(read.reader.presentations.count == 1)
    }

    @Test("files of a CPS3 are selected with P2 = 04, directories with 0C, and no answer is fetched")
    func forms() throws {
        let read = try ReadCard(.cps3)
        let selections = read.reader.commands.filter { $0.hasPrefix("00A409") }
        #expect(!selections.isEmpty)
        for command in selections {
            let isDirectory = command.hasSuffix("3F00") || command.hasSuffix("3F000001")
            #expect(command.hasPrefix(isDirectory ? "00A4090C" : "00A40904"), "\(command)")
        }
        #expect(read.reader.commands.allSatisfy { !$0.hasPrefix("00C0") || $0 == "00C0000018" || $0 == "00C000001C" })
    }

    @Test("contactless the answer comes along: no command more")
    func contactless() throws {
        let read = try ReadCard(.contactless)
        #expect(read.reader.commands.filter { $0.hasPrefix("00A40904") }.allSatisfy { $0.hasSuffix("00") })
        #expect(read.reader.commands.allSatisfy { !$0.hasPrefix("00C0") })
        #expect(read.contents.isComplete)
    }

    @Test("a CPS3 that wants the answer fetched costs one command more a file, and one refusal")
    func counts() throws {
        var counts: [Habit: Int] = [:]
        var fetched = 0
        for habit in Habit.allCases {
            let reader = try TestReader(.cps3, options: habit.options)
            let card = try reader.connect()
            counts[habit] = try reader.sent { _ = try card.readContents(of: card.readIdentity()) }.count
            if habit == .wantsSelectionFetched { fetched = reader.commands.filter { $0.hasPrefix("00C0") }.count }
        }
        #expect(counts[.refusesSilentSelection] == counts[.usual])
        // The first file: the refused READ BINARY and a second SELECT.
        #expect(fetched > 5)
        #expect(counts[.wantsSelectionFetched] == (counts[.usual] ?? 0) + fetched + 2)
    }

    @Test("a CPS4 with T=0 that wants the answer fetched is read as well")
    func chipDoc() throws {
        let read = try ReadCard(TestReader(.cps4, transport: .t0, options: Habit.wantsSelectionFetched.options))
        #expect(read.identity.isComplete && read.contents.isComplete)
        try read.logIn()
        _ = try read.sign([1], .sha256, .signature)
    }

    @Test("a file that is not to be read without a PIN is asked for once")
    func withoutPIN() throws {
        let read = try ReadCard(.cps3)
        let activity = try read.data("CPS_ACTIVITY_01_PS")
        try read.logIn()
        // The card forgets the PIN, and PC/SC does not know of it.
        read.reader.card.reset()
        _ = try read.reader.otherProgram().send("00A4040408802500 0001FF0100".filter { $0 != " " })
        let sent = read.reader.sent {
            #expect(throws: CardError.status(.securityStatusNotSatisfied)) { try read.card.readData(activity) }
        }
        #expect(sent.filter { $0.hasPrefix("00B0") }.count <= 2 && sent.allSatisfy { !$0.hasPrefix("00C0") })
    }

    /// What a CPS4 wants of a program when it does not take the selection at once (cards.md §1.6).
    @Test("a CPS4's applet is selected in one command, or in the four of the official library, byte for byte")
    func applet() throws {
        let applet = "01A4040C088025000001FF0100"
        let taken = CPS4Commands()
        let friendly = FunctionChannel { _ in [0x90, 0x00] }
        taken.exchange.channel = friendly
        try taken.selectApplet()
        #expect(friendly.commands == [applet])

        let detour = CPS4Commands()
        var refusals = 1
        let stubborn = FunctionChannel { _ in
            refusals -= 1
            return refusals >= 0 ? [0x6A, 0x82] : [0x90, 0x00]
        }
        detour.exchange.channel = stubborn
        try detour.selectApplet()
        #expect(
            stubborn.commands == [applet, "01A4040C07A0000001510000", "00A4040C088025000001FF0002", applet])
    }
}
