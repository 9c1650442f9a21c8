#if canImport(Glibc)
import Glibc
#endif

/// Lets time pass on the caller's thread. A program whose signals interrupt system
/// calls without restarting them waits as long as any other.
func pause(milliseconds: Int) {
    var left = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    var wanted = left
    while unsafe nanosleep(&wanted, &left) != 0, errno == EINTR { wanted = left }
}
