// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The commands of one kind of card: selecting files, presenting PINs, using keys. CPS3Commands and CPS4Commands
/// implement them. CPSCard adds what surrounds them: transactions, and selecting our application again.
protocol CardCommands {
    var exchange: CommandExchange { get }
    /// The class byte of our application.
    var applicationClass: UInt8 { get }
    /// The identifier of the PKCS#15 application in EF.DIR.
    var applicationIdentifier: [UInt8] { get }

    /// Selects the applet, whatever was selected before.
    func selectApplet() throws(CardError)
    /// Selects a file by its path from the master file, and returns its parameters.
    func select(_ path: FilePath) throws(CardError) -> FileControlParameters
    /// Selects a directory without asking for its FCI.
    func selectSilently(_ path: FilePath) throws(CardError)
    /// Selects a file that is not a directory, without fetching its FCI.
    func selectFile(_ path: FilePath) throws(CardError)

    /// The path of the last selected file; nil if it is not certain (`CommandExchange.lastSelection`).
    var selectedPath: FilePath? { get }

    /// The retry counters of these PINs, without presenting any; nil for a counter that the card does not return.
    func retryCounters(of pins: [PINObject]) throws(CardError) -> [RetryCounter?]
    /// Whether a PIN is presented now. To be called only after a refusal (6982): on a CPS3 the command is known from
    /// OpenSC's driver for the card family, not from a trace of the card.
    func isPresented(_ pin: PINObject) throws(CardError) -> Bool
    /// The answer to one presentation of a PIN, which is sent exactly once.
    func verify(_ pin: PINObject, block: borrowing SecretBytes) throws(CardError) -> StatusWord
    /// Replaces a PIN. The old one is presented; a wrong one costs one try.
    func change(
        _ pin: PINObject, from old: borrowing SecretBytes, to new: borrowing SecretBytes
    ) throws(CardError) -> StatusWord
    /// Sets a new PIN after the unblocking code was presented.
    func unblock(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) -> StatusWord

    /// The command header with which a reader's keypad presents a PIN.
    func verifyHeader(of pin: PINObject) -> [UInt8]
    /// How a reader's keypad changes a PIN; nil if it cannot build the command.
    func keypadChange(of pin: PINObject) -> KeypadChange?
    /// The header of the command that carries only the new PIN, after the unblocking code was presented and
    /// `prepareUnblocking` was sent.
    func unblockHeader(of pin: PINObject) -> [UInt8]
    /// The command before that one.
    func prepareUnblocking(of pin: PINObject) throws(CardError) -> StatusWord

    /// Performs a private-key operation. The application's directory must be selected.
    func perform(_ operation: KeyOperation, with key: KeyObject) throws(CardError) -> [UInt8]
}

/// The command with which a reader's keypad changes a PIN.
struct KeypadChange {
    /// CLA, INS, P1 and P2.
    let header: [UInt8]
    /// Whether the command also carries the old PIN. If not, the old PIN must be presented before.
    let carriesOldPIN: Bool
}

/// How many wrong presentations of a PIN are left.
public struct RetryCounter: Sendable, Equatable {
    /// The tries left; nil if the card does not return them, because the PIN is presented.
    public var left: Int?
    /// The tries of an unused counter: returned by a CPS3, assumed to be 3 on a CPS4.
    public var maximum: Int

    /// Makes a counter.
    public init(left: Int?, maximum: Int) {
        self.left = left
        self.maximum = maximum
    }
}

/// One private-key operation, as it is sent to the card.
enum KeyOperation {
    /// PKCS#1 v1.5 signature of a complete hash. The card adds DigestInfo and padding.
    case signDigest(CardHash, [UInt8])
    /// PKCS#1 v1.5 signature whose hash the card completes: the state after the blocks hashed on the host, empty if
    /// there are none, and the last 1 to 64 bytes.
    case signLastRound(CardHash, state: [UInt8], lastBlock: [UInt8])
    /// PSS signature of a hash, with a salt as long as the hash.
    case signPSS(CardHash, [UInt8])
    /// PKCS#1 v1.5 padding of the unchanged data by the card, then the private-key operation.
    case authenticate([UInt8])
    /// The private-key operation on a padded block of 256 bytes.
    case raw([UInt8])
    /// Decryption of a PKCS#1 v1.5 cryptogram.
    case decrypt([UInt8])
}

/// The hashes that the cards support (cards.md §4.2).
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

    /// Sends a command and returns the response data.
    /// - Throws: `CardError.status` for any status other than 9000.
    func send(_ command: CommandAPDU) throws(CardError) -> [UInt8] {
        let response = try answer(to: command)
        guard response.status.isSuccess else { throw .status(response.status) }
        return response.data
    }

    /// Sends a command and returns data and status.
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

    /// Sends a command with a secret data field, exactly once.
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

    /// Parses the response to SELECT.
    func parseFileControlParameters(_ data: [UInt8]) throws(CardError) -> FileControlParameters {
        do throws(MalformedBytes) {
            return try FileControlParameters(parsing: data)
        } catch {
            throw .malformed(error)
        }
    }
}
