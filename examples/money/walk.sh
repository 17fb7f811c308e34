#!/usr/bin/env bash
# The worked example of docs/money.md, from the offers to the refund and the settlement.
#   examples/money/walk.sh [DATA_DIR]      (default: a new folder below /tmp)
set -euo pipefail
here=$(dirname "$(realpath "$0")")
bin=$here/../../.venv/bin
export QUANYU_DATA_DIR=${1:-$(mktemp -d /tmp/quanyu-money-XXXX)} QUANYU_MERCHANT=mall

say() { printf '\n$ quanyu %s\n' "$*"; "$bin/quanyu" "$@"; }
quietly() { "$bin/quanyu" "$@" --json > /dev/null; }

quietly key create --merchant mall --scopes orders:write # a merchant begins
say promotion put "$here/promotions.json"
for offer in shop_coupon:shopA-coupon-200-20 red_packet:red-10; do
  quietly offer create --template "$here/${offer%:*}.json" --actor li
  quietly offer submit "${offer#*:}" --actor li
  quietly offer approve "${offer#*:}" --actor wang # four eyes above a limit
  quietly coupon issue --offer "${offer#*:}" -i taobao_id:mei
done
quietly points programme stars --terms "$here/programme.json"
say points join -p stars -i taobao_id:mei
say coupon list -i taobao_id:mei
held=$("$bin/quanyu" coupon list -i taobao_id:mei --json |
  "$bin/python" -c 'import json, sys; print(*("--coupon=" + c["coupon"] for c in json.load(sys.stdin)["coupons"]))')

say order quote "$here/order.json" $held
say order place "$here/order.json" $held
say order pay o-1 --amount 36890 --method alipay
today=$(TZ=Asia/Shanghai date +%F)
say settlement --from "$today" --to "$today" --all
say order refund o-1 --unit A2:1
say points balance -p stars -i taobao_id:mei
say settlement --from "$today" --to "$today" --all
say audit
