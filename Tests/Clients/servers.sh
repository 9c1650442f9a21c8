#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Servers as they are (docs/clients/servers.md): an Apache that asks for the certificate
# after the handshake, HTTP/2, sessions that are resumed, a handshake with a time limit;
# and the servers that the page recommends.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# start_apache: three ports, with a folder /card/ for holders of a card only: $apache12
# (TLS 1.2), $apache13 (TLS 1.3), $apache_http2 (HTTP/2 and TLS 1.2). Its log is that of nginx.
start_apache() {
    local attempt
    mkdir -p "$server/apache/page/card"
    echo '<h1 id="cps-login">Folder of the card</h1>' >"$server/apache/page/card/index.html"
    for attempt in {1..5}; do
        apache12=$(random_ports 4)
        apache13=$((apache12 + 1))
        apache_http2=$((apache12 + 2))
        port_behind=$((apache12 + 3))
        {
            apache_modules ssl socache_shmcb http2 dir
            echo "SSLSessionCache shmcb:$server/apache/sessions(64000)"
            echo "DocumentRoot $server/apache/page"
            echo 'LogFormat "%{local}p %{SSL_PROTOCOL}x %{SSL_CIPHER}x %{SSL_CLIENT_VERIFY}x %{SSL_CLIENT_M_SERIAL}x" login'
            echo "CustomLog $server/access.log login"
            apache_host "$apache12" TLSv1.2 http/1.1
            apache_host "$apache13" TLSv1.3 http/1.1
            apache_host "$apache_http2" TLSv1.2 h2 http/1.1
        } >"$server/apache/apache.conf"
        if apache_becomes_ready "$server/apache" "$apache12"; then return; fi
    done
    cat "$server/apache/output" "$server/apache/error.log" >&2
    give_up "Apache does not start." "Apache ne démarre pas."
}

# apache_modules MODULE...: the head of a configuration.
apache_modules() {
    local module
    printf '%s\n' "ServerRoot $server/apache" "ServerName localhost" "DefaultRuntimeDir $server/apache" \
        "PidFile $server/apache/pid-$BASHPID" "ErrorLog $server/apache/error.log" "LogLevel info" "User nobody" "Group nogroup" \
        "StartServers 1" "ThreadsPerChild 4" "MaxRequestWorkers 8" "MinSpareThreads 1" "MaxSpareThreads 8"
    for module in mpm_event authz_core "$@"; do
        echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
    done
}

apache_host() { # PORT TLS-VERSION PROTOCOL...
    cat <<END
Listen 127.0.0.1:$1
<VirtualHost 127.0.0.1:$1>
    SSLEngine on
    SSLCertificateFile $hierarchy/server/chain.pem
    SSLCertificateKeyFile $hierarchy/server/key.pem
    SSLProtocol -all +$2
    Protocols ${*:3}
    SSLCACertificateFile $server/authorities.pem
    <Location /card/>
        SSLVerifyClient require
        SSLVerifyDepth 2
    </Location>
</VirtualHost>
END
}

apache_becomes_ready() { # FOLDER PORT
    local end=$((SECONDS + 30))
    : >"$1/error.log"
    setpriv --pdeathsig TERM apache2 -D FOREGROUND -f "$1/apache.conf" >"$1/output" 2>&1 &
    apache_process=$!
    until listens_on "$apache_process" "$2"; do
        kill -0 "$apache_process" 2>/dev/null && [ "$SECONDS" -lt "$end" ] || return 1
        pause 0.02
    done
    at_exit stop_process "$apache_process"
}

# gets CLIENT PORT PATH [OPTION...]: into the file page.
gets() {
    local client_program=$1 port=$2 path=$3
    shift 3
    case $client_program in
    curl)
        PKCS11_MODULE_PATH=$full within 30 curl --silent --show-error --fail --max-time 25 --cacert "$hierarchy/roots.pem" \
            --engine pkcs11 --key-type ENG --key "$(key_url authentication);pin-value=$pin" --write-out '\nHTTP %{http_version}\n' \
            --cert-type ENG --cert "$(certificate_url authentication)" "$@" "https://localhost:$port$path" >page 2>log </dev/null
        ;;
    s_client)
        printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$path" >request
        PKCS11_MODULE_PATH=$full within 30 openssl s_client -connect "localhost:$port" -CAfile "$hierarchy/roots.pem" \
            -engine pkcs11 -keyform engine -key "$(key_url authentication);pin-value=$pin" \
            -cert "$(certificate authentication)" -ign_eof "$@" <request >page 2>log
        ;;
    java)
        printf 'name = CPS\nlibrary = %s\nslotListIndex = %s\n' "$full" "$card_slot" >cps.cfg
        within 40 java -Xshare:auto -XX:TieredStopAtLevel=1 -Dpath="$path" "$@" -cp "$work/java" CardClient \
            login "$pin" "$port" "$hierarchy/roots.pem" >page 2>log </dev/null
        ;;
    esac
}

# Renegotiation in TLS 1.2, post-handshake authentication in TLS 1.3.
asked_for_later() { # CLIENT PORT TLS-VERSION [OPTION...]
    [ "$sample" = cps4 ] || openssl_cure
    gets "$1" "$2" /card/index.html "${@:4}" || { cat log; return 1; }
    contains page "Folder of the card"
    log_has_a_login
    presented_to_server "$3"
    pins_presented 1
    tries_spent 0
}

# Where a connection goes on, the log may have its line after the client has its page.
log_has_a_login() { wait_for grep -q SUCCESS "$server/access.log"; }

not_logged_in() { # CLIENT PORT [OPTION...]
    gets "$1" "$2" /card/index.html "${@:3}" && [ "$1" != s_client ] && return 1
    lacks page "Folder of the card"
    tries_spent 0
}

java_without_post_handshake() {
    not_logged_in java "$apache13"
    contains log "HTTP 403"
    contains "$server/apache/error.log" "cannot perform post-handshake authentication"
}

# HTTP/2 forbids renegotiation: curl repeats the request by HTTP/1.1.
curl_goes_back_to_http1() {
    gets curl "$apache_http2" /card/index.html --http2 || { cat log; return 1; }
    contains page "Folder of the card" "HTTP 1.1"
    # The first request came without a certificate.
    log_has_a_login
    equal "TLSv1.2 SUCCESS" "$(tail -n 1 "$server/access.log" | cut -d' ' -f 2,4)"
}

java_does_not_go_back() {
    not_logged_in java "$apache_http2" -Dhttp=HTTP_2
    contains log IOException
}

http2() { # CLIENT WORDS OPTION...
    gets "$1" "$tls_http2" / "${@:3}" || { cat log; return 1; }
    contains page 'id="cps-login"' "$2"
    log_has_a_login
    presented_to_server TLSv1.3
}

# visits_twice PORT OPTION...: first without a certificate; then with the card, in the session
# that the server gave at the first time.
visits_twice() {
    local session=()
    printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
    within 30 openssl s_client -connect "localhost:$1" -CAfile "$hierarchy/roots.pem" -sess_out session -ign_eof "${@:2}" \
        <request >page 2>log
    contains page "No required SSL certificate was sent"
    [ ! -s session ] || session=(-sess_in session)
    gets s_client "$1" / "${session[@]}" "${@:2}"
}

without_certificate_once_resumed() { # OPTION
    visits_twice "$tls_usual" "$1"
    contains page "No required SSL certificate was sent" "Reused, "
    nobody_logged_in
    visits_twice "$tls_any" "$1"
    contains page 'id="cps-login"' "New, "
}

# start_service PORT; ask LINE: a program of Java that runs all day.
start_service() {
    printf 'name = CPS\nlibrary = %s\nslotListIndex = %s\n' "$full" "$card_slot" >cps.cfg
    coproc service {
        exec setpriv --pdeathsig TERM timeout --kill-after=2 60 java -Xshare:auto -XX:TieredStopAtLevel=1 \
            -cp "$work/java" CardClient serve "$pin" "$1" "$hierarchy/roots.pem" 2>errors
    }
}

asked_and() { # WORD LINE
    local answer
    echo "$2" >&"${service[1]}"
    read -r -t 30 answer <&"${service[0]}" || { cat errors; return 1; }
    [[ $answer == *"$1"* ]] || { echo "$2: $answer, expected: $1"; return 1; }
}

# A session that is resumed outlives the card in the reader.
card_pulled() { # PORT WORD
    start_service "$1"
    asked_and "done" fetch
    remove_card "$card_slot"
    asked_and "$2" fetch
    # shellcheck disable=SC1083,SC2093 # closes a descriptor, no command
    exec {service[1]}>&-
    wait "$service_PID"
}

# The PIN comes after the server has given up: no login. The server's time counts, not ours.
pin_comes_late() {
    mkdir db
    within 20 certutil -N -d sql:db --empty-password
    within 20 modutil -dbdir sql:db -force -add CPS -libfile "$browser" >modutil.log 2>&1
    printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
    mkfifo pin
    : >"$server/error.log"
    within 60 tstclnt -4 -o -d sql:db -h localhost -p "$tls_hasty" -V tls1.2:tls1.2 -W pin \
        -n "$label:Certificat d'Authentification CPS" -A request -E >page 2>log </dev/null &
    local process=$!
    wait_for grep -q "timed out" "$server/error.log"
    echo "$pin" >pin
    wait $process || true
    lacks page cps-login
    nobody_logged_in
    pins_presented 1
}

# opens_the_page: with the files that its configurations name, and the program behind.
opens_the_page() {
    opens_page clients/servers.md
    authorities_file
    cp "$hierarchy/crls.pem" .
    puts /etc/ssl/server/ "$hierarchy/server/"
    puts " igc-sante.pem" " $PWD/igc-sante.pem"
    puts /etc/ssl/igc-sante-crls.pem "$PWD/crls.pem"
    puts "AC IGC-SANTE" "TEST AC IGC-SANTE"
    puts 127.0.0.1:8000 "127.0.0.1:$port_behind"
    puts "listen 443" "listen 127.0.0.1:$spare_port"
    puts "*:443" "127.0.0.1:$spare_port"
    puts " server;" " localhost;"
    cat >behind.conf <<END
server { listen 127.0.0.1:$port_behind; default_type text/plain; return 200 "Person: \$http_x_person"; }
END
}

# lets_persons_in: the holder of the card; no one without a card, and no organisation.
lets_persons_in() {
    [ "$sample" = cps4 ] || openssl_cure
    gets curl "$spare_port" / || { cat log; return 1; }
    contains page "Person: 899700735741"
    pins_presented 1
    fails within 20 curl --silent --fail --cacert "$hierarchy/roots.pem" "https://localhost:$spare_port/"
    organisation
    fails within 20 curl --silent --show-error --fail --cacert "$hierarchy/roots.pem" --cert organisation.pem \
        --key organisation.key "https://localhost:$spare_port/" 2>log
    contains log 403
}

# organisation: a certificate below the same roots.
organisation() {
    local authority=$hierarchy/ca/standard-organisations
    openssl req -newkey rsa:2048 -nodes -keyout organisation.key -out request -subj /C=FR/O=TEST/CN=899700735741 2>/dev/null
    printf '%s\n' keyUsage=critical,digitalSignature extendedKeyUsage=clientAuth >extensions
    openssl x509 -req -in request -CA "$authority/cert.pem" -CAkey "$authority/key.pem" -set_serial 0x77 -days 2 \
        -extfile extensions -out organisation.pem 2>/dev/null
    cat "$authority/cert.pem" >>organisation.pem
}

nginx_of_the_page() {
    opens_the_page
    writes map page.conf
    mkdir run
    cat >nginx.conf <<END
daemon off;
pid $PWD/run/pid;
error_log $PWD/run/error.log;
events {}
http {
    access_log off;
    client_body_temp_path run/1; proxy_temp_path run/2; fastcgi_temp_path run/3; uwsgi_temp_path run/4; scgi_temp_path run/5;
    include $PWD/behind.conf;
    include $PWD/page.conf;
}
END
    setpriv --pdeathsig TERM nginx -p "$PWD" -e "$PWD/run/error.log" -c "$PWD/nginx.conf" &
    wait_for listens_on $! "$spare_port"
    lets_persons_in
}

# The program behind it is an nginx, too.
apache_of_the_page() {
    opens_the_page
    writes SSLSessionCache page.conf
    mkdir run apache
    sed -i "s|^|daemon off; pid $PWD/run/pid; error_log $PWD/run/error.log; events {} http { access_log off; |; s|$|}|" behind.conf
    setpriv --pdeathsig TERM nginx -p "$PWD" -e "$PWD/run/error.log" -c "$PWD/behind.conf" &
    wait_for listens_on $! "$port_behind"
    {
        apache_modules ssl headers proxy proxy_http
        echo "Listen 127.0.0.1:$spare_port"
        cat page.conf
    } >apache/apache.conf
    apache_becomes_ready "$PWD/apache" "$spare_port" || { cat apache/output; return 1; }
    lets_persons_in
}

client servers apache2-bin curl libengine-pkcs11-openssl default-jdk-headless libnss3-tools
with_pages
mkdir -p "$work/java"
javac -J-XX:TieredStopAtLevel=1 -d "$work/java" "$project/Tests/Clients/programs/CardClient.java" ||
    give_up "CardClient.java does not compile." "CardClient.java ne se compile pas."
start_apache
for card in cps3 cps4; do
    for program in s_client curl java; do
        scenario $card "asked for in a folder, TLS 1.2: $program logs in" asked_for_later $program "$apache12" TLSv1.2
    done
    scenario $card "the nginx of the page lets persons in, and no organisation" nginx_of_the_page
    scenario $card "the Apache of the page lets persons in, and no organisation" apache_of_the_page
done
scenario cps4 "asked for in a folder, TLS 1.3: curl logs in" asked_for_later curl "$apache13" TLSv1.3
scenario cps4 "asked for in a folder, TLS 1.3: s_client -enable_pha logs in" asked_for_later s_client "$apache13" TLSv1.3 -enable_pha
scenario cps4 "asked for in a folder, TLS 1.3: Java cannot" java_without_post_handshake
scenario cps3 "asked for in a folder, TLS 1.3: curl cannot" not_logged_in curl "$apache13"
scenario cps4 "asked for in a folder, HTTP/2: curl goes back to HTTP/1.1" curl_goes_back_to_http1
scenario cps4 "asked for in a folder, HTTP/2: Java ends" java_does_not_go_back
scenario cps4 "HTTP/2 with the certificate in the handshake: curl" http2 curl "HTTP 2" --http2
scenario cps4 "HTTP/2 with the certificate in the handshake: Java" http2 java HTTP_2 -Dhttp=HTTP_2
for option in -tls1_2 -tls1_3; do
    scenario cps4 "a session without certificate is resumed so, unless tickets and cache are off: $option" \
        without_certificate_once_resumed $option
done
scenario cps4 "card pulled: Java stays logged in, by a session that is resumed" card_pulled "$tls_usual" "done"
scenario cps4 "card pulled, tickets and cache off: Java is logged in no more" card_pulled "$tls_any" failed
scenario cps4 "a PIN that comes after the server's time limit is no login" pin_comes_late
page_is_read clients/servers.md
finish
