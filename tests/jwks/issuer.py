"""An identity provider: serves FOLDER/jwks.json as FOLDER/mode says, and counts in FOLDER/asked."""
import http.server
import os
import ssl
import sys
import threading
import time

folder, port, secure = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "tls"


def text(name, otherwise=""):
    try:
        with open(os.path.join(folder, name)) as file:
            return file.read()
    except FileNotFoundError:
        return otherwise


class Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(os.path.join(folder, "asked"), "a") as asked:
            asked.write(self.path + "\n")
        mode, keys = text("mode", "good"), text("jwks.json").encode()
        if mode == "redirect" and self.path != "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if mode == "broken":
            self.send_error(500)
            return
        if mode == "garbage":
            keys = b"<html>sorry</html>"
        if mode == "huge":
            keys = keys[:-1] + b', "filler": "' + b"x" * (2 << 20) + b'"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        fresh = text("cache-control")
        if fresh:
            self.send_header("Cache-Control", fresh)
        self.end_headers()
        if mode == "slow":
            while True:
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.2)
        self.wfile.write(keys)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", port), Issuer)
if secure:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "tls.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
# Its input ends when the test does, however it goes.
sys.stdin.read()
