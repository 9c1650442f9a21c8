// SPDX-License-Identifier: Apache-2.0

/// The files of a card: a tree of directories (DF) and transparent files (EF), stored by
/// path (cards.md §2.1, §2.2).

/// A transparent file.
public struct ElementaryFile: Sendable, Equatable {
    /// The bytes. Their number is the file's size, which no command changes.
    public var contents: [UInt8]
    /// The short file identifier in tag 88 of the FCI; 00 if there is none.
    public var shortIdentifier: UInt8
    /// The access rule over the contact interface.
    public var contact: AccessRule
    /// The access rule over the contactless interface.
    public var contactless: AccessRule

    /// Makes a file of the size of its contents.
    public init(_ contents: [UInt8], shortIdentifier: UInt8 = 0, contact: AccessRule, contactless: AccessRule) {
        self.contents = contents
        self.shortIdentifier = shortIdentifier
        self.contact = contact
        self.contactless = contactless
    }

    /// The conditions over one interface.
    public func rule(over interface: CardInterface) -> AccessRule {
        interface == .contact ? contact : contactless
    }
}

/// A file or directory.
public enum CardFile: Sendable, Equatable {
    /// A directory, with its DF name (AID) if it has one.
    case directory(name: [UInt8]?)
    case elementary(ElementaryFile)

    /// Whether it is a directory.
    public var isDirectory: Bool {
        if case .directory = self { true } else { false }
    }
}

/// All files of one application.
public struct FileTree: Sendable {
    private var files: [VirtualFilePath: CardFile] = [:]
    /// Answers to SELECT that are not made from the file, as a report has them (`CardLikeness`).
    var control: [VirtualFilePath: [UInt8]] = [:]

    /// Makes a tree with nothing but its root, which may have a DF name.
    public init(rootName: [UInt8]?) { files[.root] = .directory(name: rootName) }

    /// The file or directory at a path; nil if there is none. Parents are not checked.
    public subscript(path: VirtualFilePath) -> CardFile? {
        get { files[path] }
        set { files[path] = newValue }
    }

    /// The transparent file at a path; nil if there is none.
    public func elementary(_ path: VirtualFilePath) -> ElementaryFile? {
        if case .elementary(let file)? = files[path] { file } else { nil }
    }

    /// Replaces the contents of a transparent file; false if there is no such file.
    @discardableResult
    public mutating func setContents(_ contents: [UInt8], of path: VirtualFilePath) -> Bool {
        guard case .elementary(var file)? = files[path] else { return false }
        file.contents = contents
        files[path] = .elementary(file)
        return true
    }

    /// The path of the directory with this DF name; nil if there is none.
    public func directory(named name: [UInt8]) -> VirtualFilePath? {
        files.first { _, file in
            if case .directory(let own) = file { own == name } else { false }
        }?.key
    }

    /// Every path of the tree, in order.
    public var paths: [VirtualFilePath] {
        files.keys.sorted { $0.identifiers.lexicographicallyPrecedes($1.identifiers) }
    }
}
