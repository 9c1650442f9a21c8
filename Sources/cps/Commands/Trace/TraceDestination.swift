import Messages

#if canImport(Glibc)
    import Glibc
#endif

/// Where the text goes: the standard error, so that the command's own output stays as
/// it is, or a file for the user alone.
struct TraceDestination {
    private let descriptor: Int32

    /// - Throws: `Failure` with `.fileFailed`.
    init(path: String?) throws(Failure) {
        guard let path else {
            descriptor = STDERR_FILENO
            return
        }
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else {
            throw Failure(
                .fileFailed, Message("\(path) cannot be written.", fr: "\(path) ne peut pas être écrit."))
        }
    }

    /// There is nobody to tell if that fails; the command goes on.
    func write(_ lines: [String]) {
        if lines.isEmpty { return }
        _ = Output.put(Array((lines.joined(separator: "\n") + "\n").utf8), to: descriptor)
    }
}
