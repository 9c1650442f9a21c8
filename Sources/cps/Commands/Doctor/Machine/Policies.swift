// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The modules that a policies.json of Firefox or Thunderbird adds to every profile.
struct Policies {
    /// The libraries that are added.
    let libraries: [String]

    /// - Throws: when the file is there and is not JSON as policies are written.
    init?(path: String, on machine: Machine) throws {
        guard let text = machine.text(of: path) else { return nil }
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        libraries = document.policies?.SecurityDevices?.libraries ?? []
    }

    private struct Document: Decodable { let policies: Content? }

    private struct Content: Decodable { let SecurityDevices: Devices? }

    /// `{"Add": {name: path}, "Delete": [name]}`, or as in the past `{name: path}`.
    private struct Devices: Decodable {
        let libraries: [String]

        private struct Name: CodingKey {
            let stringValue: String
            let intValue: Int? = nil
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            if let added = try container.decodeIfPresent([String: String].self, forKey: Name(stringValue: "Add")) {
                libraries = Array(added.values)
            } else {
                libraries = container.allKeys.compactMap { try? container.decode(String.self, forKey: $0) }
            }
        }
    }
}
