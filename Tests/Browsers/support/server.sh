# The site that stands in for ameliPro: nginx that lets in whoever shows a
# certificate of the test hierarchy, and says who that is.
#
# Three ports, for what servers of the field are set to:
#   server_port_tls12  TLS 1.2 only
#   server_port_tls13  TLS 1.3 only
#   server_port_any    TLS 1.2 and 1.3, the browser's choice

start_server() {
    server_folder=$work/server
    mkdir -p "$server_folder/temp"
    make_server_certificate
    local attempt
    for attempt in {1..20}; do
        server_port_any=$((RANDOM % 5000 * 4 + 30000))
        server_port_tls12=$((server_port_any + 1))
        server_port_tls13=$((server_port_any + 2))
        write_server_configuration >"$server_folder/nginx.conf"
        setpriv --pdeathsig TERM nginx -c "$server_folder/nginx.conf" -p "$server_folder" -e "$server_folder/error.log" \
            >"$server_folder/output" 2>&1 &
        server_process=$!
        if server_becomes_ready; then
            at_exit stop_process "$server_process"
            return 0
        fi
        stop_process "$server_process"
    done
    cat "$server_folder/output" >&2
    give_up "nginx does not start." "nginx ne démarre pas."
}

server_becomes_ready() {
    local attempt
    for attempt in {1..100}; do
        kill -0 "$server_process" 2>/dev/null || return 1
        if listens_on "$server_process" "$server_port_tls13"; then return 0; fi
        sleep 0.05
    done
    return 1
}

# A server certificate of its own authority, which the browsers are told to trust.
make_server_certificate() {
    (
        cd "$server_folder"
        openssl req -x509 -newkey rsa:2048 -nodes -keyout authority.key -out authority.pem -days 2 \
            -subj "/C=FR/O=TEST/CN=TEST AC DU SITE" -addext "keyUsage=critical,keyCertSign,cRLSign"
        openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj "/CN=localhost"
        printf 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' >server.ext
        openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
            -extfile server.ext -out server.pem
        chmod 644 authority.pem
    ) >"$server_folder/openssl.log" 2>&1 || {
        cat "$server_folder/openssl.log" >&2
        give_up "openssl fails." "openssl échoue."
    }
    cat "$hierarchy/intermediates.pem" "$hierarchy/roots.pem" >"$server_folder/clients.pem"
}

write_server_configuration() {
    cat <<END
daemon off;
master_process off;
pid $server_folder/pid;
events {}
http {
    log_format login '\$ssl_protocol \$ssl_client_verify \$ssl_client_serial \$ssl_client_s_dn \$status';
    access_log $server_folder/access.log login;
    client_body_temp_path $server_folder/temp;
    proxy_temp_path $server_folder/temp;
    fastcgi_temp_path $server_folder/temp;
    uwsgi_temp_path $server_folder/temp;
    scgi_temp_path $server_folder/temp;
    # Each visit is a handshake of its own: no session is taken up again.
    ssl_session_cache off;
    ssl_session_tickets off;
    keepalive_timeout 0;
    ssl_certificate $server_folder/server.pem;
    ssl_certificate_key $server_folder/server.key;
    ssl_client_certificate $server_folder/clients.pem;
    ssl_verify_client on;
    ssl_verify_depth 2;
    map \$ssl_client_s_dn \$family_name { default "?"; "~(?:^|[,+])SN=(?<sn>[^,+]+)" \$sn; }
    map \$ssl_client_s_dn \$given_name { default "?"; "~(?:^|[,+])GN=(?<gn>[^,+]+)" \$gn; }
    default_type "text/html; charset=utf-8";
    add_header Cache-Control no-store;
    server { listen 127.0.0.1:$server_port_any ssl; ssl_protocols TLSv1.2 TLSv1.3; include $server_folder/page.conf; }
    server { listen 127.0.0.1:$server_port_tls12 ssl; ssl_protocols TLSv1.2; include $server_folder/page.conf; }
    server { listen 127.0.0.1:$server_port_tls13 ssl; ssl_protocols TLSv1.3; include $server_folder/page.conf; }
}
END
    cat >"$server_folder/page.conf" <<'END'
location = /favicon.ico { return 204; }
location / {
    return 200 '<!DOCTYPE html><html lang="fr"><head><title>Espace pro de test</title><style>
body { font: 18px sans-serif; margin: 0; background: #eef3f8; color: #123 }
header { background: #0c419a; color: #fff; padding: 24px 48px; font-size: 26px }
main { margin: 48px; padding: 24px 32px; background: #fff; border-left: 6px solid #2a9d5c }
b { font-size: 24px } code { font-size: 15px }</style></head><body>
<header>Espace pro de test</header>
<main><p>Connexion réussie par carte CPS / Logged in by CPS card</p>
<p><b id="holder">Bienvenue $given_name $family_name</b></p>
<p>Certificat / certificate: <code id="serial">$ssl_client_serial</code></p>
<p><code>$ssl_client_s_dn</code></p>
<p>Délivré par / issued by: <code>$ssl_client_i_dn</code></p>
<p><code id="protocol">$ssl_protocol</code> <code>$ssl_cipher</code></p></main></body></html>';
}
END
}
