#!/bin/sh
# Makes a Debian package of a kiosk: kiosk/package.sh PROGRAM OUT.deb
#
# What is in it is what `PROGRAM kiosk install --root` writes, so that nothing is written twice; units and
# drop-ins move from /etc, which is the administrator's, to the vendor's places. Needs dpkg-deb alone.
set -eu
umask 022
if [ $# -ne 2 ]; then
    echo "usage: kiosk/package.sh PROGRAM OUT.deb" >&2
    exit 2
fi
program=$1
out=$2
project=$(cd "$(dirname "$0")/.." && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"

"$program" kiosk install --root "$stage" >/dev/null
# dpkg keeps its own list of what it installed.
rm "$stage/etc/borgerpanel/installed.sha256"

to_vendor() {
    mkdir -p "$stage/$2"
    mv "$stage/$1"/* "$stage/$2/"
    rmdir -p --ignore-fail-on-non-empty "$stage/$1"
}
to_vendor etc/systemd/system lib/systemd/system
to_vendor etc/sysusers.d usr/lib/sysusers.d
to_vendor etc/tmpfiles.d usr/lib/tmpfiles.d
to_vendor etc/sysctl.d usr/lib/sysctl.d
for part in coredump journald logind system; do
    to_vendor "etc/systemd/$part.conf.d" "usr/lib/systemd/$part.conf.d"
done

doc=$stage/usr/share/doc/borgerpanel
mkdir -p "$doc/da"
for page in kiosk.md kiosk-on-site.md settings.md da/kiosk.md; do
    cp "$project/docs/$page" "$doc/$page"
done
cp "$project/kiosk/README.md" "$doc/README.md"
cp "$project/LICENSE" "$doc/copyright"
find "$doc" -type f -exec chmod 644 {} +

version=$("$program" --version | cut -d' ' -f2)
mkdir "$stage/DEBIAN"
cat >"$stage/DEBIAN/control" <<END
Package: borgerpanel
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: The kiosk's owner <root@localhost>
Section: misc
Priority: optional
Installed-Size: $(du -sk "$stage" | cut -f1)
Depends: libc6, libgcc-s1, systemd, cage, xwayland, seatd, chromium, speech-dispatcher, speech-dispatcher-espeak-ng, libgl1-mesa-dri
Recommends: alsa-utils, fonts-noto-color-emoji
Description: survey kiosk that collects answers offline
 Shows a city's surveys on a touch screen, keeps answers sealed on its disk and
 sends them to a central when there is a network. With the units of the server
 and the screen, the browser's policy and the limits of the machine.
END

# What an administrator may change and dpkg then asks about: all that stayed in /etc.
(cd "$stage" && find etc -type f | sort | sed 's,^,/,') >"$stage/DEBIAN/conffiles"

cat >"$stage/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    systemd-sysusers borgerpanel.conf
    systemd-tmpfiles --create borgerpanel.conf
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        if [ -n "$2" ]; then
            # Newer than before: what runs is started again. What does not run is left alone.
            systemctl try-restart borgerpanel-kiosk.service borgerpanel-shell.service || true
        fi
    fi
    if [ -z "$2" ]; then
        cat <<'NEXT'
borgerpanel: nothing is started before it is configured:
  cp -r content /var/lib/borgerpanel-kiosk/content
  runuser -u borgerpanel-kiosk -- borgerpanel kiosk enroll --data /var/lib/borgerpanel-kiosk --central URL --code CODE
  systemctl set-default graphical.target
  systemctl enable borgerpanel-kiosk.service borgerpanel-shell.service borgerpanel-restart.timer
  systemctl reboot
NEXT
    fi
fi
END

cat >"$stage/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl disable --now borgerpanel-restart.timer borgerpanel-shell.service borgerpanel-kiosk.service || true
fi
END

# Not even `purge` deletes the data folder: answers in it may not have been sent.
cat >"$stage/DEBIAN/postrm" <<'END'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
END
chmod 755 "$stage/DEBIAN/postinst" "$stage/DEBIAN/prerm" "$stage/DEBIAN/postrm"

dpkg-deb --root-owner-group --build "$stage" "$out" >/dev/null
echo "made $out"
