import CPKCS11
import CPSCard

/// The objects of a token by their handles, which follow the order of the list.
struct ObjectList: Sendable {
    let objects: [TokenObject]
    private let byHandle: [CK_OBJECT_HANDLE: TokenObject]

    init(_ objects: [TokenObject]) {
        self.objects = objects
        byHandle = Dictionary(objects.map { ($0.handle, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(handle: CK_OBJECT_HANDLE) -> TokenObject? { byHandle[handle] }

    /// Drops what was read with the user's PIN.
    func forgetPrivateValues() {
        for object in objects {
            if case .data(let description, let value) = object.kind, description.isPrivate { value.forget() }
        }
    }
}
