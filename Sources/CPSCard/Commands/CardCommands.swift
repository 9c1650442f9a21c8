// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The commands of one kind of card: how files are selected, codes presented and
/// keys used. CPS3Commands and CPS4Commands have the two sets; what surrounds
/// them (transactions, the way back to our application) is CPSCard's.
protocol CardCommands {
    var exchange: CommandExchange { get }
    /// The class byte of our application.
    var applicationClass: UInt8 { get }
    /// The identifier of the PKCS#15 application in EF.DIR.
    var applicationIdentifier: [UInt8] { get }

    /// Selects the applet, whatever was selected before.
    func selectApplet() throws(CardError)
    /// Selects a file from the master file down and tells about it.
    func select(_ path: FilePath) throws(CardError) -> FileControlParameters
    /// Selects a directory without asking for its FCI.
    func selectSilently(_ path: FilePath) throws(CardError)
    /// Selects a file that is not a directory, without fetching its FCI.
    func selectFile(_ path: FilePath) throws(CardError)

    /// What was selected last, from the master file down; nil when that is not known
    /// for certain (`CommandExchange.lastSelection`).
    var selectedPath: FilePath? { get }

    /// The counters of PINs, none of which is presented for it. One that the card
    /// does not tell is nil.
    func retryCounters(of pins: [PINObject]) throws(CardError) -> [RetryCounter?]
    /// Whether a PIN counts as presented at this moment. To be asked only after a refusal
    /// (69 82): on a CPS3 the command is known from OpenSC's driver of its family, not from
    /// a trace of the card.
    func isPresented(_ pin: PINObject) throws(CardError) -> Bool
    /// The answer to one presentation of a PIN, sent exactly once.
    func verify(_ pin: PINObject, block: borrowing SecretBytes) throws(CardError) -> StatusWord
    /// Replaces a PIN. The old one is presented; a wrong one costs one try.
    func change(
        _ pin: PINObject, from old: borrowing SecretBytes, to new: borrowing SecretBytes
    ) throws(CardError) -> StatusWord
    /// Sets a new PIN after the unblocking code was presented.
    func unblock(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) -> StatusWord

    /// The header of the command by which a reader's keypad presents a PIN.
    func verifyHeader(of pin: PINObject) -> [UInt8]
    /// How a reader's keypad changes a PIN; nil when it cannot build the command.
    func keypadChange(of pin: PINObject) -> KeypadChange?
    /// The header of the command that carries the new PIN alone after the unblocking
    /// code was presented, and `prepareUnblocking` done.
    func unblockHeader(of pin: PINObject) -> [UInt8]
    /// What comes before that command.
    func prepareUnblocking(of pin: PINObject) throws(CardError) -> StatusWord

    /// Does a private-key operation; the application's directory is selected.
    func perform(_ operation: KeyOperation, with key: KeyObject) throws(CardError) -> [UInt8]
}

/// The command by which a reader's keypad changes a PIN.
struct KeypadChange {
    /// CLA, INS, P1 and P2.
    let header: [UInt8]
    /// Whether the command carries the old PIN too. Otherwise that was presented before.
    let carriesOldPIN: Bool
}

/// How often a code may still be presented wrongly.
public struct RetryCounter: Sendable, Equatable {
    /// The tries left; nil when the card does not tell because the code is
    /// presented at this moment.
    public var left: Int?
    /// The tries of a counter that was not used: told by a CPS3, taken for 3 on a CPS4.
    public var maximum: Int

    /// Makes a counter from what a card answered.
    public init(left: Int?, maximum: Int) {
        self.left = left
        self.maximum = maximum
    }
}

/// What is sent to the card for one private-key operation.
enum KeyOperation {
    /// PKCS#1 v1.5 signature of a complete hash: the card adds DigestInfo and padding.
    case signDigest(CardHash, [UInt8])
    /// PKCS#1 v1.5 signature whose hash the card finishes: the state after the
    /// blocks hashed here, empty when there were none, and the last 1 to 64 bytes.
    case signLastRound(CardHash, state: [UInt8], lastBlock: [UInt8])
    /// PSS signature of a hash, salt as long as the hash.
    case signPSS(CardHash, [UInt8])
    /// PKCS#1 v1.5 padding by the card around the data as it is, and the private key.
    case authenticate([UInt8])
    /// The private key alone on a block that is padded already, 256 bytes.
    case raw([UInt8])
    /// The message in a PKCS#1 v1.5 cryptogram.
    case decrypt([UInt8])
}

/// The hashes that the cards know (cards.md §4.2).
enum CardHash {
    case sha1
    case sha256
}

extension CardCommands {
    /// Whether a directory is known to be selected, by itself or by a file in it.
    func isSelected(_ directory: FilePath) -> Bool {
        guard let path = selectedPath else { return false }
        return path == directory || path.parent == directory
    }

    /// Sends a command and returns its data.
    /// - Throws: `CardError.status` for any other answer than 9000.
    func send(_ command: CommandAPDU) throws(CardError) -> [UInt8] {
        let response = try answer(to: command)
        guard response.status.isSuccess else { throw .status(response.status) }
        return response.data
    }

    /// Sends a command and returns data and status as they come.
    func answer(to command: CommandAPDU) throws(CardError) -> ResponseAPDU {
        do throws(ChannelError) {
            return try exchange.send(command)
        } catch {
            throw .channel(error)
        }
    }

    /// Sends a command in chained blocks.
    func sendChained(_ command: CommandAPDU) throws(CardError) -> [UInt8] {
        let response: ResponseAPDU
        do throws(ChannelError) {
            response = try exchange.sendChained(command)
        } catch {
            throw .channel(error)
        }
        guard response.status.isSuccess else { throw .status(response.status) }
        return response.data
    }

    /// Sends a command with a secret data field, once.
    func sendSecret(
        ins: UInt8, p1: UInt8, p2: UInt8, data: borrowing SecretBytes
    ) throws(CardError) -> StatusWord {
        do throws(ChannelError) {
            return try exchange.sendSecret(applicationClass, ins, p1, p2, data: data)
        } catch {
            throw .channel(error)
        }
    }

    /// Random bytes from the card, eight at a time (GET CHALLENGE; cards.md §4.7).
    func challenge(count: Int) throws(CardError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let block = try send(CommandAPDU(applicationClass, 0x84, 0, 0, expectedLength: 8))
            guard block.count == 8 else { throw .malformed(.truncated) }
            bytes += block
        }
        return Array(bytes.prefix(count))
    }

    /// Parses the answer to SELECT.
    func parseFileControlParameters(_ data: [UInt8]) throws(CardError) -> FileControlParameters {
        do throws(MalformedBytes) {
            return try FileControlParameters(parsing: data)
        } catch {
            throw .malformed(error)
        }
    }
}
