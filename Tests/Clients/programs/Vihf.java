// SPDX-License-Identifier: Apache-2.0

import java.io.InputStreamReader;
import java.io.BufferedReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * java Vihf.java CFG FIELDS PATIENT [ALIAS]: a SOAP request with a VIHF that the card has signed.
 *
 * <p>CFG is the configuration of SunPKCS11 (docs/clients/java.md). FIELDS has a line NAME=VALUE for each field of
 * one activity in the report of `cps info --pin --json`, and for a role the line
 * NAME=code|codeSystem|codeSystemName|displayName: a program with a JSON library reads the report itself. Asks for
 * the PIN (one line, if there is no terminal). docs/clients/dmp.md explains it.
 */
public class Vihf {
    static final String SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
    static final String HL7 = "urn:hl7-org:v3";
    static final String XSI = "http://www.w3.org/2001/XMLSchema-instance";
    static final String XMLNS = "http://www.w3.org/2000/xmlns/";
    static final String SOAP = "http://www.w3.org/2003/05/soap-envelope";
    static final String WSSE =
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    static final String ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role";
    static final String USER = "urn:oasis:names:tc:xspa:1.0:subject:subject-id";

    public static void main(String[] words) throws Exception {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of(words[1]))) {
            int sign = line.indexOf('=');
            fields.computeIfAbsent(line.substring(0, sign), name -> new ArrayList<>()).add(line.substring(sign + 1));
        }
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document document = factory.newDocumentBuilder().newDocument();
        Element assertion = assertion(document, fields, words[2]);

        Provider provider = Security.getProvider("SunPKCS11").configure(words[0]);
        Security.addProvider(provider);
        KeyStore card = KeyStore.getInstance("PKCS11", provider);
        card.load(null, pin());
        String alias = words.length > 3 ? words[3] : "Certificat de Signature CPS";
        sign(assertion, (PrivateKey) card.getKey(alias, null), (X509Certificate) card.getCertificate(alias));

        // No indentation: white space would be signed content.
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.INDENT, "no");
        OutputStreamWriter output = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
        transformer.transform(new DOMSource(document), new StreamResult(output));
        output.flush();
    }

    /** The VIHF without its signature, in the header of a SOAP 1.2 request. */
    static Element assertion(Document document, Map<String, List<String>> fields, String patient) {
        Element envelope = document.createElementNS(SOAP, "s:Envelope");
        document.appendChild(envelope);
        declare(envelope);
        Element security = add(add(envelope, SOAP, "s:Header", null), WSSE, "wsse:Security", null);
        add(envelope, SOAP, "s:Body", null);

        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Element assertion = add(security, SAML, "saml:Assertion", null);
        assertion.setAttribute("Version", "2.0");
        assertion.setAttribute("ID", "VIHF-" + UUID.randomUUID());
        assertion.setAttribute("IssueInstant", now);
        // What the reference of the signature finds.
        assertion.setIdAttribute("ID", true);
        Element issuer = add(assertion, SAML, "saml:Issuer", fields.get("Issuer").get(0));
        issuer.setAttribute("Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName");
        add(add(assertion, SAML, "saml:Subject", null), SAML, "saml:NameID", fields.get("NameID").get(0));
        Element statement = add(assertion, SAML, "saml:AuthnStatement", null);
        statement.setAttribute("AuthnInstant", now);
        add(
                add(statement, SAML, "saml:AuthnContext", null),
                SAML,
                "saml:AuthnContextClassRef",
                "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI");

        Element attributes = add(assertion, SAML, "saml:AttributeStatement", null);
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("VIHF_Version", "3.0");
        for (String name : List.of("Identifiant_Structure", "Secteur_Activite", USER)) {
            texts.put(name, fields.get(name).get(0));
        }
        texts.put("urn:oasis:names:tc:xacml:2.0:resource:resource-id", patient + "^^^&1.2.250.1.213.1.4.8&ISO^NH");
        texts.put("Ressource_URN", "urn:dmp");
        // What the maker of the software knows.
        texts.put("LPS_ID", "1");
        texts.put("LPS_Nom", "Example");
        texts.put("LPS_Version", "1.0");
        texts.put("LPS_ID_HOMOLOGATION_DMP", "0");
        texts.forEach((name, text) -> add(attribute(attributes, name), SAML, "saml:AttributeValue", text));
        Element purpose = attribute(attributes, "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse");
        coded(purpose, "PurposeOfUse", "normal", "1.2.250.1.213.1.1.4.248", "mode acces VIHF 2.0", "Accès normal");
        Element roles = attribute(attributes, ROLE);
        for (String role : fields.get(ROLE)) {
            String[] parts = role.split("\\|");
            coded(roles, "Role", parts[0], parts[1], parts[2], parts[3]);
        }
        return assertion;
    }

    static Element attribute(Element statement, String name) {
        Element attribute = add(statement, SAML, "saml:Attribute", null);
        attribute.setAttribute("Name", name);
        return attribute;
    }

    /** A value of HL7 v3 in an AttributeValue of its own. */
    static void coded(
            Element attribute, String name, String code, String codeSystem, String codeSystemName, String displayName) {
        Element value = add(add(attribute, SAML, "saml:AttributeValue", null), HL7, name, null);
        value.setAttributeNS(XMLNS, "xmlns:xsi", XSI);
        value.setAttributeNS(XSI, "xsi:type", "CE");
        value.setAttribute("code", code);
        value.setAttribute("codeSystem", codeSystem);
        value.setAttribute("codeSystemName", codeSystemName);
        value.setAttribute("displayName", displayName);
    }

    static Element add(Element parent, String namespace, String name, String text) {
        Element element = parent.getOwnerDocument().createElementNS(namespace, name);
        if (!namespace.equals(parent.getNamespaceURI())) {
            declare(element);
        }
        if (text != null) {
            element.setTextContent(text);
        }
        parent.appendChild(element);
        return element;
    }

    /** The canonical form has only namespaces that are declared by an attribute; the serializer would add more. */
    static void declare(Element element) {
        String prefix = element.getPrefix();
        element.setAttributeNS(XMLNS, prefix == null ? "xmlns" : "xmlns:" + prefix, element.getNamespaceURI());
    }

    /** Adds an enveloped signature after Issuer, where the schema of SAML wants it. */
    static void sign(Element assertion, PrivateKey key, X509Certificate certificate) throws Exception {
        XMLSignatureFactory signatures = XMLSignatureFactory.getInstance("DOM");
        Reference reference =
                signatures.newReference(
                        "#" + assertion.getAttribute("ID"),
                        signatures.newDigestMethod(DigestMethod.SHA256, null),
                        List.of(
                                signatures.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                                signatures.newTransform(
                                        CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null)),
                        null,
                        null);
        SignedInfo info =
                signatures.newSignedInfo(
                        signatures.newCanonicalizationMethod(
                                CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
                        signatures.newSignatureMethod("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", null),
                        List.of(reference));
        KeyInfoFactory keys = signatures.getKeyInfoFactory();
        KeyInfo keyInfo = keys.newKeyInfo(List.of(keys.newX509Data(List.of(certificate))));
        DOMSignContext context = new DOMSignContext(key, assertion, assertion.getFirstChild().getNextSibling());
        context.setDefaultNamespacePrefix("ds");
        signatures.newXMLSignature(info, keyInfo).sign(context);
    }

    static char[] pin() throws Exception {
        if (System.console() != null) {
            return System.console().readPassword("Code porteur : ");
        }
        return new BufferedReader(new InputStreamReader(System.in)).readLine().toCharArray();
    }
}
