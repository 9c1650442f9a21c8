// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

extension CertificateChain.Refusal {
    /// Why a chain does not hold, as the end of a sentence.
    var message: Message {
        switch self {
        case .weakAlgorithm:
            Message("its key or its hash can be forged", fr: "sa clé ou son hachage peut être falsifié")
        case .wrongSignature:
            Message(
                "the authority that it names did not sign it", fr: "l'autorité qu'il nomme ne l'a pas signé")
        case .issuerIsNoAuthority:
            Message(
                "whoever issued it may not issue certificates",
                fr: "son émetteur n'a pas le droit d'émettre des certificats")
        case .other(let error):
            Message("OpenSSL's error \(error)", fr: "erreur \(error) d'OpenSSL")
        }
    }
}
