#!/usr/bin/env bash
# Makes the documents of this folder again: plans and applies each configuration with a real Terraform (terraform, or the
# one that TERRAFORM names) and with ./provider, which stands in for the AWS provider and needs Go. Run by hand, after a
# change of a configuration or for a new Terraform. The plans named local_*.json are of the AWS provider 5.100.0 itself, which
# plans new resources without an account; they are kept without what is not read, and this script leaves them alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
terraform=${TERRAFORM:-terraform}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$here/provider" && go build -o "$work/provider/terraform-provider-aws" .)
cat >"$work/cli.tfrc" <<END
provider_installation {
  dev_overrides {
    "hashicorp/aws" = "$work/provider"
  }
  direct {}
}
END
export TF_CLI_CONFIG_FILE="$work/cli.tfrc" CHECKPOINT_DISABLE=1

# show NAME [PLAN]: what Terraform prints, but for what is another on each run or machine: the time, the order of a list
# that has none, and the registry that the provider's name begins with.
show() {
    local name=$1
    shift
    "$terraform" show -json "$@" | sed -E 's#registry\.[a-z.]*/hashicorp/aws#hashicorp/aws#g' | python3 -c '
import json, sys
document = json.load(sys.stdin)
document.pop("timestamp", None)
if "relevant_attributes" in document:
    document["relevant_attributes"].sort(key=json.dumps)
print(json.dumps(document, separators=(",", ":")))' >"$here/$name.json"
}

plan() { "$terraform" plan -input=false -no-color -out=plan "$@" >/dev/null 2>&1; }

cp -r "$here/every_policy" "$here/two_zones" "$work"
cd "$work/every_policy"
# A local module needs to be installed; the provider does not, and init would look for it.
"$terraform" get -no-color >/dev/null
plan
show plan plan
"$terraform" apply -input=false -no-color plan >/dev/null 2>&1
show state
# The same state as Terraform keeps it.
sed -E 's#registry\.[a-z.]*/hashicorp/aws#hashicorp/aws#g' terraform.tfstate >"$here/terraform.tfstate"
plan -var retire=true
show retire plan
cd "$work/two_zones"
plan
show two_zones plan
