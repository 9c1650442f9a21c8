// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import ISO7816

/// A program that calls the C functions in any order with any arguments, while
/// anything happens to its cards. A step is eight bytes: which call, and what about
/// its arguments; zeros stand for what a sane program would do.
final class HostileCaller {
    let cards: HostileCards
    private var sessions: [CK_SESSION_HANDLE] = []
    private var objects: [CK_OBJECT_HANDLE] = []
    private var memory = HostileMemory()
    /// What was open before the library was called.
    private let ownDescriptors: Set<Int32>
    /// A fork takes as long as all the rest: one is enough.
    private var mayFork: Bool

    init(_ cards: HostileCards) {
        self.cards = cards
        ownDescriptors = HostileProcess.descriptors()
        mayFork = true
    }

    /// The same program in another thread.
    private init(beside caller: HostileCaller) {
        (cards, sessions, objects) = (caller.cards, caller.sessions, caller.objects)
        (ownDescriptors, mayFork) = (caller.ownDescriptors, false)
    }

    enum Call: UInt8, CaseIterable {
        case initialize, finalize, getInfo, getInterface, getSlotList, getSlotInfo, getTokenInfo, getMechanismList
        case getMechanismInfo, waitForSlotEvent, openSession, closeSession, closeAllSessions, getSessionInfo
        case login, loginUser, logout, setPIN, initPIN, sessionCancel
        case findObjectsInit, findObjects, findObjectsFinal, getAttributeValue, setAttributeValue, getObjectSize
        case signInit, sign, signUpdate, signFinal, verifyInit, verify, verifyUpdate, verifyFinal
        case encryptInit, encrypt, encryptUpdate, encryptFinal, decryptInit, decrypt, decryptUpdate, decryptFinal
        case digestInit, digest, digestUpdate, digestFinal, generateRandom, seedRandom, unsupported
        case cardEvent
        case fork, closeDescriptors, beside
    }

    static let stepLength = 8
    private static let mostSteps = 48

    static func step(_ call: Call, _ arguments: UInt8...) -> [UInt8] {
        let bytes = [call.rawValue] + arguments
        return bytes + [UInt8](repeating: 0, count: max(stepLength - bytes.count, 0))
    }

    func run(_ input: inout FuzzInput) {
        take(HostileCaller.mostSteps, of: &input)
        _ = C_Finalize(nil)
    }

    private func take(_ count: Int, of input: inout FuzzInput) {
        for _ in 0..<count where !input.isAtEnd {
            var step = FuzzInput(input.bytes(HostileCaller.stepLength))
            memory = HostileMemory()
            switch step.element(of: Call.allCases) {
            case .fork: forkOff(&step, &input)
            case .closeDescriptors: HostileProcess.closeDescriptors(butFor: ownDescriptors)
            case .beside: splitUp(&step, &input)
            case let call: perform(call, &step)
            }
        }
    }

    /// A child takes the next steps, on what it thinks of as its sessions, and the parent goes on
    /// after them.
    private func forkOff(_ step: inout FuzzInput, _ input: inout FuzzInput) {
        var steps = FuzzInput(input.bytes(HostileCaller.stepLength * Int(step.byte() % 8)))
        guard mayFork else { return }
        mayFork = false
        HostileProcess.inChild {
            HostileProcess.beginInChild()
            take(8, of: &steps)
            _ = C_Finalize(nil)
        }
    }

    /// The next steps are taken by two threads. Only one thread at a time may end the library
    /// or close what is the other's.
    private func splitUp(_ step: inout FuzzInput, _ input: inout FuzzInput) {
        let count = HostileCaller.stepLength * Int(step.byte() % 8 + 1)
        var (first, second) = (FuzzInput(input.bytes(count)), FuzzInput(input.bytes(count)))
        let other = HostileCaller(beside: self)
        let mayFork = self.mayFork
        self.mayFork = false
        HostileProcess.beside({ other.takeAlone(&first) }, { takeAlone(&second) })
        self.mayFork = mayFork
        sessions += other.sessions
        objects += other.objects
    }

    /// Steps that need no third thread.
    private func takeAlone(_ input: inout FuzzInput) {
        while !input.isAtEnd {
            var step = FuzzInput(input.bytes(HostileCaller.stepLength))
            memory = HostileMemory()
            let call = step.element(of: Call.allCases)
            switch call {
            case .fork, .beside: continue
            case .closeDescriptors: HostileProcess.closeDescriptors(butFor: ownDescriptors)
            default: perform(call, &step)
            }
        }
    }

    private func perform(_ call: Call, _ input: inout FuzzInput) {
        switch call {
        case .initialize, .finalize, .getInfo, .getInterface: performGeneral(call, &input)
        case .getSlotList, .getSlotInfo, .getTokenInfo, .getMechanismList, .getMechanismInfo, .waitForSlotEvent:
            performOnSlot(call, &input)
        case .openSession, .closeSession, .closeAllSessions, .getSessionInfo, .login, .loginUser, .logout, .setPIN,
            .initPIN,
            .sessionCancel:
            performOnSession(call, &input)
        case .findObjectsInit, .findObjects, .findObjectsFinal, .getAttributeValue, .setAttributeValue, .getObjectSize:
            performOnObjects(call, &input)
        case .signInit, .verifyInit, .encryptInit, .decryptInit, .digestInit: begin(call, &input)
        case .signUpdate, .verifyUpdate, .digestUpdate: update(call, &input)
        case .cardEvent: cards.happen(&input)
        default: operate(call, &input)
        }
    }

    // MARK: Arguments

    private static let noHandles: [CK_ULONG] = [0, 99, .max, 1 << 63, 1 << 32]

    private func session(_ input: inout FuzzInput) -> CK_SESSION_HANDLE {
        HostileCaller.handle(sessions, &input)
    }

    private func object(_ input: inout FuzzInput) -> CK_OBJECT_HANDLE { HostileCaller.handle(objects, &input) }

    private static func handle(_ known: [CK_ULONG], _ input: inout FuzzInput) -> CK_ULONG {
        let choice = Int(input.byte())
        if choice >= 0xF0 { return noHandles[choice % noHandles.count] }
        return known.isEmpty ? 1 : known[choice % known.count]
    }

    private func slot(_ input: inout FuzzInput) -> CK_SLOT_ID { HostileCaller.handle([0, 1], &input) }

    private static let codes = ["1234", "12345678", "9999", "", "12", "abcd", "123456789"]

    private func code(_ input: inout FuzzInput) -> (UnsafeMutablePointer<UInt8>?, CK_ULONG) {
        let choice = Int(input.byte())
        if choice >= 0x80 { return memory.bytes(&input, isLimited: true) }
        let digits = Array(HostileCaller.codes[choice % HostileCaller.codes.count].utf8)
        return (memory.copy(digits), CK_ULONG(digits.count))
    }

    private static let mechanisms: [CK_MECHANISM_TYPE] = [
        CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_SHA512_RSA_PKCS, CKM_RSA_PKCS_PSS,
        CKM_SHA256_RSA_PKCS_PSS, CKM_SHA1_RSA_PKCS_PSS, CKM_SHA256, CKM_SHA_1, CKM_SHA384, CKM_RSA_X_509, CKM_AES_CBC,
        .max,
    ]

    private func mechanism(_ input: inout FuzzInput) -> UnsafeMutablePointer<CK_MECHANISM>? {
        let choice = input.byte()
        guard choice != 0xFF else { return nil }
        let place = memory.allocate(CK_MECHANISM.self, 1)
        let type = HostileCaller.mechanisms[Int(choice) % HostileCaller.mechanisms.count]
        place.pointee.mechanism = type
        switch input.byte() {
        case 0x80...0xFF:
            let (bytes, count) = memory.bytes(&input, isLimited: true)
            place.pointee.pParameter = UnsafeMutableRawPointer(bytes)
            place.pointee.ulParameterLen = count
        default:
            let usesSHA1 = type == CKM_SHA1_RSA_PKCS_PSS
            guard [CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS, CKM_SHA1_RSA_PKCS_PSS].contains(type) else { break }
            let parameter = memory.allocate(CK_ULONG.self, 3)
            let values: [CK_ULONG] = usesSHA1 ? [CKM_SHA_1, 1, 20] : [CKM_SHA256, 2, 32]
            parameter.update(from: values, count: 3)
            place.pointee.pParameter = UnsafeMutableRawPointer(parameter)
            place.pointee.ulParameterLen = 24
        }
        return place
    }

    private static let attributes: [CK_ATTRIBUTE_TYPE] = [
        CKA_CLASS, CKA_LABEL, CKA_ID, CKA_VALUE, CKA_TOKEN, CKA_MODULUS, CKA_SUBJECT, CKA_SERIAL_NUMBER, CKA_ISSUER,
        CKA_PRIVATE_EXPONENT, CKA_ALLOWED_MECHANISMS, CKA_START_DATE, CKA_WRAP_TEMPLATE, CKA_CHECK_VALUE, .max,
    ]

    /// A template to search by or to fill in.
    private func template(_ input: inout FuzzInput) -> (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) {
        let choice = input.byte()
        if choice >= 0xFC { return (nil, CK_ULONG(choice) - 0xFC) }
        let count = Int(choice % 4)
        let place = memory.allocate(CK_ATTRIBUTE.self, count)
        for index in 0..<count {
            let type = input.element(of: HostileCaller.attributes)
            let classes = [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKO_CERTIFICATE, CKO_DATA]
            let objectClass = classes[Int(choice / 4) % classes.count]
            let usual: [UInt8] = type == CKA_CLASS ? [UInt8(objectClass), 0, 0, 0, 0, 0, 0, 0] : [1]
            let (bytes, length) = memory.bytes(&input, isLimited: true, usually: usual)
            place[index] = CK_ATTRIBUTE(type: type, pValue: bytes, ulValueLen: length)
        }
        // More entries than the library takes of a template, whatever stands there.
        return (place, choice >= 0xF0 ? .max - CK_ULONG(choice) : CK_ULONG(count))
    }

    // MARK: Calls

    private func performGeneral(_ call: Call, _ input: inout FuzzInput) {
        switch call {
        case .initialize:
            let choice = input.byte()
            if choice < 0x80 { return _ = C_Initialize(nil) }
            let arguments = memory.allocate(CK_C_INITIALIZE_ARGS.self, 1)
            if choice & 1 != 0 { arguments.pointee.LockMutex = { _ in CKR_OK } }
            let text = memory.copy(input.all() + [0])
            if choice & 2 != 0 { arguments.pointee.pReserved = UnsafeMutableRawPointer(text) }
            _ = C_Initialize(arguments)
        case .finalize:
            _ = C_Finalize(UnsafeMutableRawPointer(bitPattern: UInt(input.byte() / 0xF0)))
            sessions = []
            objects = []
        case .getInfo:
            _ = C_GetInfo(memory.place(CK_INFO.self, &input))
        default:
            let version = memory.place(CK_VERSION.self, &input)
            version?.pointee = CK_VERSION(major: input.byte(), minor: input.byte())
            let place = memory.place(UnsafeMutablePointer<CK_INTERFACE>?.self, &input)
            let name = input.bool() ? Array("PKCS 11".utf8) : input.all()
            _ = C_GetInterface(memory.copy(name + [0]), input.bool() ? nil : version, place, CK_FLAGS(input.byte()))
            let (list, count) = memory.list(CK_INTERFACE.self, &input)
            _ = C_GetInterfaceList(list, count)
        }
    }

    private func performOnSlot(_ call: Call, _ input: inout FuzzInput) {
        let slot = slot(&input)
        switch call {
        case .getSlotList:
            let (list, count) = memory.list(CK_SLOT_ID.self, &input)
            _ = C_GetSlotList(CK_BBOOL(input.byte() & 1), list, count)
        case .getSlotInfo: _ = C_GetSlotInfo(slot, memory.place(CK_SLOT_INFO.self, &input))
        case .getTokenInfo: _ = C_GetTokenInfo(slot, memory.place(CK_TOKEN_INFO.self, &input))
        case .getMechanismList:
            let (list, count) = memory.list(CK_MECHANISM_TYPE.self, &input)
            _ = C_GetMechanismList(slot, list, count)
        case .getMechanismInfo:
            let type = input.element(of: HostileCaller.mechanisms)
            _ = C_GetMechanismInfo(slot, type, memory.place(CK_MECHANISM_INFO.self, &input))
        default:
            _ = C_WaitForSlotEvent(CKF_DONT_BLOCK, memory.place(CK_SLOT_ID.self, &input), nil)
        }
    }

    private func performOnSession(_ call: Call, _ input: inout FuzzInput) {
        switch call {
        case .openSession:
            let slot = slot(&input)
            let flags = CKF_SERIAL_SESSION ^ CK_FLAGS(input.byte()) ^ CK_FLAGS(input.byte()) << 56
            let place = memory.place(CK_SESSION_HANDLE.self, &input)
            if C_OpenSession(slot, flags, nil, nil, place) == CKR_OK, let handle = place?.pointee {
                sessions.append(handle)
            }
        case .closeSession: _ = C_CloseSession(session(&input))
        case .closeAllSessions: _ = C_CloseAllSessions(slot(&input))
        case .getSessionInfo:
            let session = session(&input)
            _ = C_GetSessionInfo(session, memory.place(CK_SESSION_INFO.self, &input))
        case .login, .loginUser:
            let session = session(&input)
            let type = [CKU_USER, CKU_SO, CKU_CONTEXT_SPECIFIC, .max][Int(input.byte() / 0x40)]
            let (code, length) = code(&input)
            _ =
                call == .login
                ? C_Login(session, type, code, length)
                : C_LoginUser(session, type, code, length, nil, CK_ULONG(input.byte()))
        case .logout: _ = C_Logout(session(&input))
        case .setPIN:
            let session = session(&input)
            let (old, oldLength) = code(&input)
            let (new, newLength) = code(&input)
            _ = C_SetPIN(session, old, oldLength, new, newLength)
        case .initPIN:
            let session = session(&input)
            let (code, length) = code(&input)
            _ = C_InitPIN(session, code, length)
        default: _ = C_SessionCancel(session(&input), CK_FLAGS(input.number()))
        }
    }

    private func performOnObjects(_ call: Call, _ input: inout FuzzInput) {
        let session = session(&input)
        switch call {
        case .findObjectsInit:
            let (template, count) = template(&input)
            _ = C_FindObjectsInit(session, template, count)
        case .findObjects:
            let count = memory.place(CK_ULONG.self, &input)
            // A list has the length that its caller says.
            let maximum = input.byte() == 0 ? 64 : CK_ULONG(input.byte())
            let list = input.byte() == 0xFF ? nil : memory.allocate(CK_OBJECT_HANDLE.self, Int(maximum))
            guard C_FindObjects(session, list, maximum, count) == CKR_OK, let list = list,
                let found = count?.pointee
            else { return }
            for index in 0..<Int(found) { objects.append(list[index]) }
        case .findObjectsFinal: _ = C_FindObjectsFinal(session)
        case .getObjectSize:
            let object = object(&input)
            _ = C_GetObjectSize(session, object, memory.place(CK_ULONG.self, &input))
        default:
            let object = object(&input)
            let (template, count) = template(&input)
            _ =
                call == .setAttributeValue
                ? C_SetAttributeValue(session, object, template, count)
                : C_GetAttributeValue(session, object, template, count)
        }
    }

    private func begin(_ call: Call, _ input: inout FuzzInput) {
        let session = session(&input)
        let object = object(&input)
        let mechanism = mechanism(&input)
        switch call {
        case .signInit: _ = C_SignInit(session, mechanism, object)
        case .verifyInit: _ = C_VerifyInit(session, mechanism, object)
        case .encryptInit: _ = C_EncryptInit(session, mechanism, object)
        case .decryptInit: _ = C_DecryptInit(session, mechanism, object)
        default: _ = C_DigestInit(session, mechanism)
        }
    }

    /// What is hashed is read whole: only lengths that cannot be are told apart.
    private func update(_ call: Call, _ input: inout FuzzInput) {
        let session = session(&input)
        let (part, length) = memory.bytes(&input, isLimited: false)
        switch call {
        case .signUpdate: _ = C_SignUpdate(session, part, length)
        case .verifyUpdate: _ = C_VerifyUpdate(session, part, length)
        default: _ = C_DigestUpdate(session, part, length)
        }
    }

    private func operate(_ call: Call, _ input: inout FuzzInput) {
        let session = session(&input)
        let isHashed = [.sign, .verify, .digest].contains(call)
        let block = [UInt8](repeating: 0x41, count: [.decrypt, .decryptUpdate, .verifyFinal].contains(call) ? 256 : 32)
        let (data, length) = memory.bytes(&input, isLimited: !isHashed, usually: block)
        let (output, outputLength) = memory.buffer(&input)
        let capacity = outputLength?.pointee
        let result: CK_RV
        switch call {
        case .sign: result = C_Sign(session, data, length, output, outputLength)
        case .signFinal: result = C_SignFinal(session, output, outputLength)
        case .verify:
            let (signature, signatureLength) = memory.bytes(
                &input, isLimited: true, usually: [UInt8](repeating: 1, count: 256))
            result = C_Verify(session, data, length, signature, signatureLength)
            return
        case .verifyFinal:
            result = C_VerifyFinal(session, data, length)
            return
        case .encrypt: result = C_Encrypt(session, data, length, output, outputLength)
        case .encryptUpdate: result = C_EncryptUpdate(session, data, length, output, outputLength)
        case .encryptFinal: result = C_EncryptFinal(session, output, outputLength)
        case .decrypt: result = C_Decrypt(session, data, length, output, outputLength)
        case .decryptUpdate: result = C_DecryptUpdate(session, data, length, output, outputLength)
        case .decryptFinal: result = C_DecryptFinal(session, output, outputLength)
        case .digest: result = C_Digest(session, data, length, output, outputLength)
        case .digestFinal: result = C_DigestFinal(session, output, outputLength)
        case .generateRandom: result = C_GenerateRandom(session, data, length)
        case .seedRandom: result = C_SeedRandom(session, data, length)
        default:
            result = callUnsupported(session, &input)
            return
        }
        guard result == CKR_OK, output != nil, let capacity, let written = outputLength?.pointee else { return }
        if ![.generateRandom, .seedRandom].contains(call) {
            expect(written <= capacity, "no more is written than fits")
        }
    }

    /// Functions that no card has a use for look at none of their arguments.
    private func callUnsupported(_ session: CK_SESSION_HANDLE, _ input: inout FuzzInput) -> CK_RV {
        let all: [() -> CK_RV] = [
            { C_CreateObject(session, nil, 1, nil) }, { C_GetOperationState(session, nil, nil) },
            { C_InitToken(0, nil, 4, nil) }, { C_SignRecover(session, nil, .max, nil, nil) },
            { C_WrapKey(session, nil, 1, 2, nil, nil) }, { C_GenerateKey(session, nil, nil, .max, nil) },
            { C_SignMessage(session, nil, 4, nil, 4, nil, nil) }, { C_AsyncJoin(session, nil, 1, nil, 4) },
            { C_DigestEncryptUpdate(session, nil, 3, nil, nil) }, { C_GetFunctionStatus(session) },
        ]
        return input.element(of: all)()
    }
}
