# Installs Debian packages that are missing; sourced by the other scripts. Needs root or sudo only when one is missing.
# usage: install_missing PACKAGE...

build_packages="g++ cmake ninja-build pkg-config libopenmpi-dev openmpi-bin libopenblas-dev liblapacke-dev libhdf5-dev
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libboost-program-options-dev libtoml11-dev
  nlohmann-json3-dev libssl-dev libsodium-dev"
test_packages="libgtest-dev clang clang-format binutils g++-aarch64-linux-gnu qemu-user python3 python3-h5py python3-numpy
  python3-torch python3-torchvision python3-sklearn"

install_missing() {
  missing=""
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  echo "installing:$missing"
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "error: these packages are missing and neither root nor sudo is at hand:$missing" >&2; return 1; }
    as_root=sudo
  fi
  $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
