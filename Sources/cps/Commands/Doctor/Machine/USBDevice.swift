// SPDX-License-Identifier: Apache-2.0

import ClientPrograms

/// A device on USB, as /sys describes it.
struct USBDevice {
    /// In hexadecimal.
    let vendor: String
    let product: String
    private let name: String
    /// Whether it has an interface of class 0B (USB smart card class).
    private(set) var isSmartCardReader: Bool

    var text: String { name.isEmpty ? "\(vendor):\(product)" : "\(name) (\(vendor):\(product))" }

    /// The maker, if it makes the terminals that French practices read Vitale and CPS cards
    /// with. Many of them speak a protocol of their own over a serial port on USB.
    var terminalMaker: String? { USBDevice.terminalMakers[vendor] }

    private static let terminalMakers = [
        "0b00": "Ingenico", "0f14": "Ingenico Healthcare (Xiring)", "2947": "Kapelse", "356f": "Sensyl",
    ]

    private static let folder = "/sys/bus/usb/devices"

    /// Those with an interface; hubs are among them.
    static func all(on machine: Machine) -> [USBDevice] {
        var devices: [(name: String, device: USBDevice)] = []
        for interface in machine.names(in: folder) where interface.contains(":") {
            guard let name = interface.parts(":").first else { continue }
            let isSmartCard = word(machine, "\(interface)/bInterfaceClass") == "0b"
            if let known = devices.firstIndex(where: { $0.name == name }) {
                if isSmartCard { devices[known].device.isSmartCardReader = true }
            } else {
                let device = USBDevice(
                    vendor: word(machine, "\(name)/idVendor") ?? "?",
                    product: word(machine, "\(name)/idProduct") ?? "?",
                    name: word(machine, "\(name)/product") ?? "", isSmartCardReader: isSmartCard)
                devices.append((name, device))
            }
        }
        return devices.map(\.device)
    }

    private static func word(_ machine: Machine, _ path: String) -> String? {
        machine.text(of: "\(folder)/\(path)")?.lines.first.map { String($0).printable.lowercased() }
    }
}
