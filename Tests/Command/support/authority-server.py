# SPDX-License-Identifier: Apache-2.0
"""An authority on loopback, whose answers OpenSSL makes.

    authority-server.py INDEX CERTIFICATE KEY [TLS-CERTIFICATE TLS-KEY]

GET gives files of this folder. POST /ocsp is answered by `openssl ocsp` from the index, POST
/tsa by `openssl ts` with tsa.conf, tsa.pem and tsa.key, POST /another-tsa by an answer to
another question. The port goes to the file `port`, each request to the file `requests`. With the
last two arguments it speaks HTTPS.
"""
import http.server
import os
import socketserver
import ssl
import subprocess
import sys

index, certificate, key = sys.argv[1:4]


class Authority(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = os.path.basename(self.path)
        self.noted()
        if not os.path.exists(name):
            return self.send_error(404)
        self.answer("application/pkix-crl", open(name, "rb").read())

    def do_POST(self):
        question = self.rfile.read(int(self.headers["Content-Length"]))
        self.noted()
        with open("question", "wb") as file:
            file.write(question)
        if self.path == "/tsa":
            return self.stamp("question")
        if self.path == "/another-tsa":
            self.openssl("ts", "-query", "-data", "tsa.pem", "-sha256", "-cert", "-out", "another")
            return self.stamp("another")
        self.openssl(
            "ocsp", "-index", index, "-CA", certificate, "-rsigner", certificate, "-rkey", key, "-reqin", "question",
            "-respout", "answer", "-ndays", "1")
        self.answer("application/ocsp-response", open("answer", "rb").read())

    def stamp(self, question):
        self.openssl("ts", "-reply", "-config", "tsa.conf", "-section", "tsa", "-queryfile", question, "-signer",
                     "tsa.pem", "-inkey", "tsa.key", "-out", "answer")
        self.answer("application/timestamp-reply", open("answer", "rb").read())

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def answer(self, kind, content):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def noted(self):
        with open("requests", "a") as log:
            log.write(f"{self.command} {self.path}\n")

    def log_message(self, *_):
        pass


# HTTPServer would look its own name up.
server = socketserver.TCPServer(("127.0.0.1", 0), Authority)
if sys.argv[4:]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[4:])
    server.socket = context.wrap_socket(server.socket, server_side=True)
# A client that hangs up is no reason to say something.
server.handle_error = lambda *_: None
with open("port.new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename("port.new", "port")
server.serve_forever()
