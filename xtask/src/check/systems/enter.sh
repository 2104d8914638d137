
# Runs a command in this root, in the folder of the repository, with the Rust of the
# machine, as root of a system that has just been installed. Above are how it is kept
# apart, the root, and the folders of that Rust and of what its cargo has downloaded.
set -eu

exec $apart sh -euc '
root=$1 sysroot=$2 cargo_home=$3
shift 3

mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"

# How the machine finds others, and itself.
for file in /etc/hosts /etc/resolv.conf; do
    : >> "$root$file"
    mount --bind "$file" "$root$file"
done

# Whom it trusts, where its pip is told that.
cert=
if [ -f "${PIP_CERT:-}" ]; then
    cert=/etc/machine.crt
    : >> "$root$cert"
    mount --bind "$PIP_CERT" "$root$cert"
fi

mkdir -p "$root$sysroot" "$root$cargo_home"
mount --bind "$sysroot" "$root$sysroot"
mount -o remount,bind,ro "$root$sysroot"
mount --bind "$cargo_home" "$root$cargo_home"
# There cargo would look first, and find the commands of a rustup that is not there.
if [ -d "$root$cargo_home/bin" ]; then
    mount -t tmpfs tmpfs "$root$cargo_home/bin"
fi

set -- env -i \
    HOME=/root \
    LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive \
    PATH="$sysroot/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    CARGO_HOME="$cargo_home" \
    CARGO_TARGET_DIR=/built \
    ${cert:+"PIP_CERT=$cert"} \
    ${cert:+"CARGO_HTTP_CAINFO=$cert"} \
    ${http_proxy:+"http_proxy=$http_proxy"} \
    ${https_proxy:+"https_proxy=$https_proxy"} \
    ${no_proxy:+"no_proxy=$no_proxy"} \
    "$@"
exec chroot "$root" sh -c "cd /qio-task && exec \"\$@\"" sh "$@"
' sh "$root" "$sysroot" "$cargo_home" "$@"
