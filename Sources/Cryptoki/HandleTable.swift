import Synchronization

/// Objects under the numbers that callers know them by. Numbers count up from 1
/// and are never given twice.
final class HandleTable<Element: AnyObject & Sendable>: Sendable {
    private struct State {
        var next: UInt = 1
        var elements: [UInt: Element] = [:]
    }

    private let state = Mutex(State())

    func insert(_ make: (UInt) -> Element) -> UInt {
        state.withLock { state in
            let handle = state.next
            state.next += 1
            state.elements[handle] = make(handle)
            return handle
        }
    }

    subscript(handle: UInt) -> Element? { state.withLock { $0.elements[handle] } }

    @discardableResult
    func remove(_ handle: UInt) -> Element? { state.withLock { $0.elements.removeValue(forKey: handle) } }

    func removeAll(where condition: (Element) -> Bool) {
        state.withLock { state in state.elements = state.elements.filter { !condition($0.value) } }
    }

    func contains(where condition: (Element) -> Bool) -> Bool {
        state.withLock { state in state.elements.values.contains(where: condition) }
    }

    var all: [Element] { state.withLock { Array($0.elements.values) } }
}
