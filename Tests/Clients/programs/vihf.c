/* SPDX-License-Identifier: Apache-2.0 */
/* vihf MODULE FIELDS PATIENT: a SOAP request with a VIHF that the card has signed.
 *
 * FIELDS has a line NAME=VALUE for each field of one activity in the report of `cps info --pin --json`,
 * and for a role the line NAME=code|codeSystem|codeSystemName|displayName. Asks for the PIN (one line, if
 * standard input is no terminal). docs/clients/dmp.md explains it.
 *
 * No library for XML: what is signed is written in its canonical form at once (exclusive C14N):
 * attributes in alphabetical order, a namespace where it is first used, no empty-element tags, no white
 * space. So the bytes that are signed are the bytes that are sent.
 *
 *   cc -o vihf vihf.c $(pkg-config --cflags p11-kit-1) -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SAML "urn:oasis:names:tc:SAML:2.0:assertion"
#define DS "http://www.w3.org/2000/09/xmldsig#"
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ROLE "urn:oasis:names:tc:xacml:2.0:subject:role"
#define USER "urn:oasis:names:tc:xspa:1.0:subject:subject-id"

static CK_FUNCTION_LIST *card;
static CK_SESSION_HANDLE session;

static void fail(const char *what, unsigned long code) {
  fprintf(stderr, "vihf: %s (0x%lX)\n", what, code);
  exit(1);
}

#define CHECK(call)                                    \
  do {                                                 \
    CK_RV code = (call);                               \
    if (code != CKR_OK) fail(#call, (unsigned long)code); \
  } while (0)

/* The value of the nth field of this name; NULL if there are fewer. */
static const char *field(char *const *lines, const char *name, int nth) {
  size_t length = strlen(name);
  for (; *lines; lines++)
    if (strncmp(*lines, name, length) == 0 && (*lines)[length] == '=' && nth-- == 0) return *lines + length + 1;
  return NULL;
}

static const char *needed(char *const *lines, const char *name) {
  const char *value = field(lines, name, 0);
  if (!value) fail(name, 0);
  return value;
}

/* A text or the value of an attribute, as canonical XML has it. */
static void put(FILE *to, const char *text, size_t length, int in_attribute) {
  for (size_t i = 0; i < length; i++) switch (text[i]) {
      case '&': fputs("&amp;", to); break;
      case '<': fputs("&lt;", to); break;
      case '\r': fputs("&#xD;", to); break;
      case '>': fputs(in_attribute ? ">" : "&gt;", to); break;
      case '"': fputs(in_attribute ? "&quot;" : "\"", to); break;
      default: fputc(text[i], to);
    }
}

static void text(FILE *to, const char *name, const char *value) {
  fprintf(to, "<saml:Attribute Name=\"%s\"><saml:AttributeValue>", name);
  put(to, value, strlen(value), 0);
  fputs("</saml:AttributeValue></saml:Attribute>", to);
}

/* A value of HL7 v3, from code|codeSystem|codeSystemName|displayName. */
static void coded(FILE *to, const char *element, const char *value) {
  static const char *const names[] = {"code", "codeSystem", "codeSystemName", "displayName"};
  fprintf(to,
          "<saml:AttributeValue><%s xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
          element);
  for (int i = 0; i < 4; i++) {
    size_t length = strcspn(value, "|");
    fprintf(to, " %s=\"", names[i]);
    put(to, value, length, 1);
    fputc('"', to);
    value += length + (value[length] == '|');
  }
  fprintf(to, " xsi:type=\"CE\"></%s></saml:AttributeValue>", element);
}

static void base64(FILE *to, const unsigned char *bytes, size_t length) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < length; i += 3) {
    unsigned long group = (unsigned long)bytes[i] << 16;
    if (i + 1 < length) group |= (unsigned long)bytes[i + 1] << 8;
    if (i + 2 < length) group |= bytes[i + 2];
    fputc(digits[group >> 18 & 63], to);
    fputc(digits[group >> 12 & 63], to);
    fputc(i + 1 < length ? digits[group >> 6 & 63] : '=', to);
    fputc(i + 2 < length ? digits[group & 63] : '=', to);
  }
}

/* The assertion in two parts: the signature goes between Issuer and what follows it. */
static void assertion(FILE *head, FILE *tail, char *const *fields, const char *id, const char *patient) {
  char now[32];
  time_t seconds = time(NULL);
  strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
  fprintf(head,
          "<saml:Assertion xmlns:saml=\"" SAML "\" ID=\"%s\" IssueInstant=\"%s\" Version=\"2.0\">"
          "<saml:Issuer Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName\">",
          id, now);
  const char *issuer = needed(fields, "Issuer");
  put(head, issuer, strlen(issuer), 0);
  fputs("</saml:Issuer>", head);

  fprintf(tail, "<saml:Subject><saml:NameID>%s</saml:NameID></saml:Subject>", needed(fields, "NameID"));
  fprintf(tail,
          "<saml:AuthnStatement AuthnInstant=\"%s\"><saml:AuthnContext><saml:AuthnContextClassRef>"
          "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
          "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>",
          now);
  text(tail, "VIHF_Version", "3.0");
  text(tail, "Identifiant_Structure", needed(fields, "Identifiant_Structure"));
  text(tail, "Secteur_Activite", needed(fields, "Secteur_Activite"));
  text(tail, USER, needed(fields, USER));
  char resource[128];
  snprintf(resource, sizeof resource, "%s^^^&1.2.250.1.213.1.4.8&ISO^NH", patient);
  text(tail, "urn:oasis:names:tc:xacml:2.0:resource:resource-id", resource);
  text(tail, "Ressource_URN", "urn:dmp");
  /* What the maker of the software knows. */
  text(tail, "LPS_ID", "1");
  text(tail, "LPS_Nom", "Example");
  text(tail, "LPS_Version", "1.0");
  text(tail, "LPS_ID_HOMOLOGATION_DMP", "0");
  fputs("<saml:Attribute Name=\"urn:oasis:names:tc:xspa:1.0:subject:purposeofuse\">", tail);
  coded(tail, "PurposeOfUse", "normal|1.2.250.1.213.1.1.4.248|mode acces VIHF 2.0|Accès normal");
  fputs("</saml:Attribute><saml:Attribute Name=\"" ROLE "\">", tail);
  for (int i = 0; field(fields, ROLE, i); i++) coded(tail, "Role", field(fields, ROLE, i));
  fputs("</saml:Attribute></saml:AttributeStatement></saml:Assertion>", tail);
}

/* Logs in, and finds the signature key; its certificate has the same CKA_ID. */
static CK_OBJECT_HANDLE open_card(const char *module, unsigned char *certificate, CK_ULONG *length) {
  void *library = dlopen(module, RTLD_NOW);
  CK_RV (*list)(CK_FUNCTION_LIST_PTR_PTR) =
      library ? (CK_RV(*)(CK_FUNCTION_LIST_PTR_PTR))dlsym(library, "C_GetFunctionList") : NULL;
  if (!list) fail(dlerror(), 0);
  CHECK(list(&card));
  CHECK(card->C_Initialize(NULL));
  CK_SLOT_ID slots[16];
  CK_ULONG count = 16;
  CHECK(card->C_GetSlotList(CK_TRUE, slots, &count));
  CK_RV code = CKR_TOKEN_NOT_PRESENT;
  /* The first slot whose card is a CPS. */
  for (CK_ULONG i = 0; i < count && code != CKR_OK; i++)
    code = card->C_OpenSession(slots[i], CKF_SERIAL_SESSION, NULL, NULL, &session);
  if (code != CKR_OK) fail("no CPS card", code);

  char pin[80] = "";
  struct termios shown, hidden;
  int is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
  if (is_terminal) {
    fputs("Code porteur : ", stderr);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  char *typed = fgets(pin, sizeof pin, stdin);
  if (is_terminal) tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  if (!typed) fail("no PIN", 0);
  CK_RV login = card->C_Login(session, CKU_USER, (unsigned char *)pin, strcspn(pin, "\n"));
  explicit_bzero(pin, sizeof pin);
  if (login != CKR_OK) fail("C_Login", login);

  CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE is_key[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, "CPS_PRIV_SIG", 12}};
  CK_OBJECT_HANDLE key, object;
  CHECK(card->C_FindObjectsInit(session, is_key, 2));
  CHECK(card->C_FindObjects(session, &key, 1, &count));
  CHECK(card->C_FindObjectsFinal(session));
  if (count != 1) fail("no signature key", 0);
  unsigned char id[64];
  CK_ATTRIBUTE of_key = {CKA_ID, id, sizeof id};
  CHECK(card->C_GetAttributeValue(session, key, &of_key, 1));
  CK_OBJECT_CLASS other = CKO_CERTIFICATE;
  CK_ATTRIBUTE is_certificate[] = {{CKA_CLASS, &other, sizeof other}, {CKA_ID, id, of_key.ulValueLen}};
  CHECK(card->C_FindObjectsInit(session, is_certificate, 2));
  CHECK(card->C_FindObjects(session, &object, 1, &count));
  CHECK(card->C_FindObjectsFinal(session));
  if (count != 1) fail("no signature certificate", 0);
  CK_ATTRIBUTE value = {CKA_VALUE, certificate, *length};
  CHECK(card->C_GetAttributeValue(session, object, &value, 1));
  *length = value.ulValueLen;
  return key;
}

static char **read_lines(const char *path) {
  static char *lines[64];
  char *line = NULL;
  size_t size = 0, count = 0;
  FILE *file = fopen(path, "r");
  if (!file) fail(path, 0);
  while (count < 63 && getline(&line, &size, file) > 0) {
    line[strcspn(line, "\n")] = 0;
    lines[count++] = strdup(line);
  }
  free(line);
  fclose(file);
  return lines;
}

int main(int count, char **words) {
  if (count != 4) fail("vihf MODULE FIELDS PATIENT", 0);
  char **fields = read_lines(words[2]);
  unsigned char certificate[8192], signature[512], digest[32], random[16];
  CK_ULONG certificate_length = sizeof certificate, signature_length = sizeof signature, digest_length = sizeof digest;
  CK_OBJECT_HANDLE key = open_card(words[1], certificate, &certificate_length);

  char id[64] = "VIHF-";
  CHECK(card->C_GenerateRandom(session, random, sizeof random));
  for (size_t i = 0; i < sizeof random; i++) sprintf(id + 5 + 2 * i, "%02x", random[i]);

  char *parts[3] = {NULL};
  size_t lengths[3] = {0};
  FILE *head = open_memstream(&parts[0], &lengths[0]), *tail = open_memstream(&parts[1], &lengths[1]);
  assertion(head, tail, fields, id, words[3]);
  fclose(head);
  fclose(tail);

  CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0}, rsa = {CKM_SHA256_RSA_PKCS, NULL, 0};
  CHECK(card->C_DigestInit(session, &sha256));
  CHECK(card->C_DigestUpdate(session, (unsigned char *)parts[0], lengths[0]));
  CHECK(card->C_DigestUpdate(session, (unsigned char *)parts[1], lengths[1]));
  CHECK(card->C_DigestFinal(session, digest, &digest_length));

  FILE *info = open_memstream(&parts[2], &lengths[2]);
  fprintf(info,
          "<ds:SignedInfo xmlns:ds=\"" DS "\"><ds:CanonicalizationMethod Algorithm=\"" EXCLUSIVE
          "\"></ds:CanonicalizationMethod><ds:SignatureMethod "
          "Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod>"
          "<ds:Reference URI=\"#%s\"><ds:Transforms><ds:Transform Algorithm=\"" DS
          "enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"" EXCLUSIVE
          "\"></ds:Transform></ds:Transforms><ds:DigestMethod "
          "Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>",
          id);
  base64(info, digest, digest_length);
  fputs("</ds:DigestValue></ds:Reference></ds:SignedInfo>", info);
  fclose(info);
  CHECK(card->C_SignInit(session, &rsa, key));
  CHECK(card->C_Sign(session, (unsigned char *)parts[2], lengths[2], signature, &signature_length));
  CHECK(card->C_Finalize(NULL));

  printf(
      "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header><wsse:Security "
      "xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">"
      "%s<ds:Signature xmlns:ds=\"" DS "\">%s<ds:SignatureValue>",
      parts[0], parts[2]);
  base64(stdout, signature, signature_length);
  fputs("</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>", stdout);
  base64(stdout, certificate, certificate_length);
  printf(
      "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>%s</wsse:Security></s:Header>"
      "<s:Body></s:Body></s:Envelope>",
      parts[1]);
  return 0;
}
