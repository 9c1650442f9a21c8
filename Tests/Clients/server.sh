# SPDX-License-Identifier: Apache-2.0
# Replaces ameliPro and the DMP: an nginx that admits only holders of a certificate of the
# test hierarchy, and names the holder on a login page.
#
# Its ports: $tls12 (TLS 1.2 only), $tls13 (TLS 1.3 only), $tls_any (both), and
# $tls_plain, where nobody is asked for a certificate; as many servers are, $tls_usual
# with session tickets and a session cache, $tls_http2 with HTTP/2, and $tls_hasty, which
# waits one second for the end of the handshake. $spare_port is for a server of a test's own. The access log has a line for each request: port, TLS version, cipher,
# result of the check, serial number and subject of the client's certificate. nginx
# cannot tell the signature scheme; the card's own trace does (card_did in lib.sh).

start_server() {
    local attempt
    server=$work/server
    mkdir -p "$server"
    # What the server trusts, and names to the clients: cards bring no authority.
    cat "$hierarchy/roots.pem" "$hierarchy/intermediates.pem" >"$server/authorities.pem"
    for attempt in {1..20}; do
        tls12=$(random_ports 8)
        tls13=$((tls12 + 1))
        tls_any=$((tls12 + 2))
        tls_plain=$((tls12 + 3))
        spare_port=$((tls12 + 4))
        tls_usual=$((tls12 + 5))
        tls_http2=$((tls12 + 6))
        tls_hasty=$((tls12 + 7))
        server_configuration >"$server/nginx.conf"
        : >"$server/access.log"
        setpriv --pdeathsig TERM nginx -e "$server/error.log" -c "$server/nginx.conf" >"$server/output" 2>&1 &
        server_process=$!
        if server_becomes_ready; then
            at_exit stop_process "$server_process"
            return
        fi
        stop_process "$server_process"
    done
    cat "$server/output" >&2
    give_up "nginx does not start." "nginx ne démarre pas."
}

server_becomes_ready() {
    local end=$((SECONDS + 30))
    until listens_on "$server_process" "$tls12"; do
        kill -0 "$server_process" 2>/dev/null && [ "$SECONDS" -lt "$end" ] || return 1
        pause 0.02
    done
}

server_configuration() {
    cat <<END
daemon off;
worker_processes 1;
pid $server/nginx.pid;
error_log $server/error.log info;
events {}
http {
    log_format login '\$server_port \$ssl_protocol \$ssl_cipher \$ssl_client_verify \$ssl_client_serial "\$ssl_client_s_dn"';
    access_log $server/access.log login;
    client_body_temp_path $server/body;
    proxy_temp_path $server/proxy;
    fastcgi_temp_path $server/fastcgi;
    uwsgi_temp_path $server/uwsgi;
    scgi_temp_path $server/scgi;

    # The holder, by the certificate: {SN + CN + GN}, in any order.
    map \$ssl_client_s_dn \$family_name { "~SN=(?<family>[^,+]*)" \$family; }
    map \$ssl_client_s_dn \$given_name { "~GN=(?<given>[^,+]*)" \$given; }
    map \$ssl_client_s_dn \$national_identifier { "~CN=(?<identifier>[^,+]*)" \$identifier; }

    ssl_certificate $hierarchy/server/chain.pem;
    ssl_certificate_key $hierarchy/server/key.pem;
    ssl_client_certificate $server/authorities.pem;
    ssl_crl $hierarchy/crls.pem;
    ssl_verify_depth 2;
    ssl_session_cache off;
    ssl_session_tickets off;
    # Each visit of a browser is a handshake of its own, and it sees nothing old.
    keepalive_timeout 0;
    add_header Cache-Control no-store;

    default_type text/html;
    charset utf-8;
$(server_block "$tls12" TLSv1.2)
$(server_block "$tls13" TLSv1.3)
$(server_block "$tls_any" "TLSv1.2 TLSv1.3")
$(server_block "$tls_plain" "TLSv1.2 TLSv1.3" off)
$(server_block "$tls_usual" "TLSv1.2 TLSv1.3" on "" "ssl_session_tickets on; ssl_session_cache shared:usual:1m;")
$(server_block "$tls_http2" "TLSv1.2 TLSv1.3" on http2 "keepalive_timeout 60s;")
$(server_block "$tls_hasty" TLSv1.2 on "" "client_header_timeout 1s;")
}
END
}

server_block() { # PORT PROTOCOLS [VERIFY [LISTEN-OPTION [LINE]]]
    cat <<END
    server {
        listen 127.0.0.1:$1 ssl ${4:-};
        ${5:-}
        server_name localhost;
        ssl_protocols $2;
        ssl_verify_client ${3:-on};
        location / {
            return 200 '<!DOCTYPE html>
<html lang="fr"><head><title>Connecté : \$given_name \$family_name</title>
<link rel="icon" href="data:,">
<style>
    body { margin: 0; background: #eef3f8; font: 18px sans-serif }
    h1, p { padding: 24px 48px; margin: 0 }
    h1 { background: #0c419a; color: #fff }
</style></head>
<body><h1 id="cps-login">Connecté : \$given_name \$family_name</h1>
<p>\$national_identifier, \$ssl_protocol</p>
<p>Certificat \$ssl_client_serial, \$ssl_client_i_dn</p></body></html>
';
        }
    }
END
}

# forget_requests: only what comes from now on counts.
forget_requests() { : >"$server/access.log"; }

# logged_in_on PAGE TLSv1.2|TLSv1.3: the page greets the holder; the server saw
# this TLS version and the authentication certificate, and no other one.
logged_in_on() {
    contains "$1" 'id="cps-login"' "$holder"
    presented_to_server "$2"
}

presented_to_server() {
    local serial
    serial=$(openssl x509 -in "$(certificate authentication)" -noout -serial)
    equal "$1 SUCCESS ${serial#serial=}" "$(awk '{ print $2, $4, $5 }' "$server/access.log" | sort -u)"
}

# nobody_logged_in: no request came with a certificate.
nobody_logged_in() { lacks "$server/access.log" SUCCESS; }
