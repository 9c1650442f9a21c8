// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// The readers that pcscd has, and those on USB that it has not.
struct ReaderCheck: Check {
    let title = Message("Reader", fr: "Lecteur")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        let known = survey.readers ?? []
        var findings = known.map { Finding.ok("reader.known", Message($0.name, fr: $0.name)) }
        let devices = USBDevice.all(on: machine)
        // How many of several readers pcscd has, their names do not tell for sure.
        if known.isEmpty { findings += devices.filter(\.isSmartCardReader).map { unknown($0, machine) } }
        findings += devices.compactMap { terminal($0, isNeeded: known.isEmpty) }
        if findings.isEmpty, survey.readers != nil {
            findings = [
                .problem(
                    "reader.none", Message("No reader is plugged in.", fr: "Aucun lecteur n'est branché."),
                    Message(
                        "Plug one in. One that is plugged in and not seen may need the driver of its maker.",
                        fr:
                            "Branchez-en un. Un lecteur branché mais invisible demande peut-être le pilote de son fabricant."
                    ))
            ]
        }
        if known.isEmpty, machine.exists("/sys/module/pn533_usb") {
            findings.append(
                .warning(
                    "reader.kernel-driver",
                    Message(
                        "The kernel's NFC driver (pn533_usb) may keep a contactless reader.",
                        fr: "Le pilote NFC du noyau (pn533_usb) occupe peut-être un lecteur sans contact."),
                    Remedy.asRoot("modprobe -r pn533_usb")))
        }
        return findings
    }

    /// A French health terminal that does not speak PC/SC.
    /// - Parameter isNeeded: whether there is no other reader.
    private func terminal(_ device: USBDevice, isNeeded: Bool) -> Finding? {
        guard let maker = device.terminalMaker, !device.isSmartCardReader else { return nil }
        let message = Message(
            "The terminal \(device.text) of \(maker) is plugged in, but not as a PC/SC reader: only billing programs know it (GALSS).",
            fr:
                "Le terminal \(device.text) de \(maker) est branché, mais pas comme lecteur PC/SC : seuls les logiciels de facturation le connaissent (GALSS)."
        )
        guard isNeeded else { return .ok("reader.not-pcsc", message) }
        return .problem(
            "reader.not-pcsc", message,
            Message(
                "Choose the PC/SC mode in its menu, or have its maker update it; if it has none, use a PC/SC reader.",
                fr:
                    "Choisissez le mode PC/SC dans son menu, ou faites-le mettre à jour par son fabricant ; s'il n'en a pas, prenez un lecteur PC/SC."
            ))
    }

    private func unknown(_ device: USBDevice, _ machine: Machine) -> Finding {
        let driver = "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist"
        guard let list = machine.text(of: driver) else {
            return .problem(
                "reader.no-driver",
                Message(
                    "The reader \(device.text) is plugged in, and no driver is installed.",
                    fr: "Le lecteur \(device.text) est branché, mais aucun pilote n'est installé."),
                Remedy.installing(.readerDriver, on: machine))
        }
        guard list.lowercased().contains("0x\(device.product)"), list.lowercased().contains("0x\(device.vendor)") else {
            return .problem(
                "reader.unknown-to-driver",
                Message(
                    "The reader \(device.text) is plugged in, and the installed driver does not know it.",
                    fr: "Le lecteur \(device.text) est branché, mais le pilote installé ne le connaît pas."),
                Message(
                    "Install a newer libccid, or the driver of the reader's maker.",
                    fr: "Installez une version plus récente de libccid, ou le pilote du fabricant."))
        }
        return .problem(
            "reader.not-served",
            Message(
                "The reader \(device.text) is plugged in, and pcscd does not serve it.",
                fr: "Le lecteur \(device.text) est branché, mais pcscd ne le sert pas."),
            Message(
                "Unplug it and plug it in again; then, as root: systemctl restart pcscd",
                fr: "Débranchez-le et rebranchez-le ; puis, en tant que root : systemctl restart pcscd"))
    }
}

/// A device on USB, as /sys describes it.
private struct USBDevice {
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
