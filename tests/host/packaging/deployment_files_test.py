# SPDX-License-Identifier: Apache-2.0
"""The Containerfile and the Kubernetes manifest, as far as they can be held against the program
without a container runtime: the configurations are good, the paths, ports, users and commands fit
together.  deployment_files_test.py <source folder> <mortise>"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

source, mortise = pathlib.Path(sys.argv[1]), sys.argv[2]
deploy = source / "config" / "deploy"
wrong = []


def expect(good, what):
    if not good:
        wrong.append(what)


def check_configuration(text, name):
    """`mortise check` on it, but for where the plugins lie. Gives what the host would listen on."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "mortise.toml"
        file.write_text(text.replace("/usr/lib/mortise/plugins", folder))
        done = subprocess.run([mortise, "-c", str(file), "check"], capture_output=True, text=True,
                              env={"STATE_DIRECTORY": folder + "/state"})
        expect(done.returncode == 0, f"{name}: {done.stdout}{done.stderr}")
        file.write_text(text + "\nno_such_key = 1\n")
        done = subprocess.run([mortise, "-c", str(file), "check"], capture_output=True,
                              env={"STATE_DIRECTORY": folder + "/state"})
        expect(done.returncode == 3, f"{name}: a wrong key passes, so the check proves nothing")


def runs(words):
    return subprocess.run([mortise, words[0], "--help"], capture_output=True).returncode == 0


# ---- the image
lines = re.sub(r"\\\n\s*", " ", (deploy / "Containerfile").read_text()).splitlines()
steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
dev = (source / "dev").read_text()
for word, rest in steps:
    if word == "RUN" and rest.startswith("./dev "):
        verb, *what = rest.split()[1:]
        expect(f"\n{verb})\n" in dev, f"RUN {rest}: ./dev has no `{verb}`")
        # What this step installs must be what the next one needs, or it is fetched with each build.
        expect(not what or f"\nneeds={what[0]} " in dev.replace("    needs=", "needs="),
               f"RUN {rest}: nothing needs `{what}`")
last = max(i for i, s in enumerate(steps) if s[0] == "FROM")
image = {}
for word, rest in steps[last:]:
    image.setdefault(word, []).append(rest)
for rest in image["COPY"]:
    words = rest.split()
    if words[0].startswith("--from="):
        made = words[1]
        expect(made.startswith("/source/build/packages/"), f"COPY of what no step makes: {made}")
    else:
        expect((source / words[0]).exists(), f"COPY of {words[0]}, which does not exist")
ignored = (deploy / "Containerfile.dockerignore").read_text().split()
expect("build" in ignored and ".git" in ignored, "the build folder would go into the image's context")
texts = {name: (source / name).read_text() for name in ("config/deploy/Containerfile", "docs/install.md")}
for name, text in texts.items():
    for build in re.findall(r"podman build .*", text):
        expect("--format docker" in build, f"{name}: without --format docker there is no HEALTHCHECK: {build}")
user = image["USER"][0]
expect(user.split(":")[0] not in ("0", "root"), "the image runs as root")
expect(any("-o {} -g {} -m 0770 ".format(*user.split(":")) in r for r in image["RUN"]),
       "the state belongs to another user")
expect(user.split(":")[1] == "0", "a user whose number the platform chooses is of group 0")
health = json.loads(image["HEALTHCHECK"][0].split("CMD", 1)[1])
expect(health[0] == "mortise" and runs(health[1:]), f"HEALTHCHECK {health}: no such command")
expect(json.loads(image["ENTRYPOINT"][0]) == ["mortise"], "ENTRYPOINT")
command = json.loads(image["CMD"][0])
expect(runs(command), f"CMD {command}: no such command")
configuration = (deploy / "container.toml").read_text()
check_configuration(configuration, "container.toml")
expect(any(r.endswith(command[2]) for r in image["COPY"]), "CMD reads a configuration no step copies")
expect(f"port = {image['EXPOSE'][0]}\n" in configuration, "EXPOSE is not the port of container.toml")
variables = dict(v.split("=", 1) for v in image["ENV"])
expect(variables["STATE_DIRECTORY"] in image["VOLUME"], "the state is not on the volume")

# ---- the manifest
objects = {}
for o in yaml.safe_load_all((deploy / "kubernetes.yaml").read_text()):
    objects[o["kind"]] = o
# No Secret: each `kubectl apply` would set it to what the file says, which is nothing.
wanted = {"ConfigMap", "Service", "StatefulSet", "NetworkPolicy"}
expect(set(objects) == wanted, f"objects: {sorted(objects)}")
check_configuration(objects["ConfigMap"]["data"]["mortise.toml"], "kubernetes.yaml")
state = objects["StatefulSet"]["spec"]
expect(state["replicas"] == 1, "one journal has one host")
pod = state["template"]
labels = pod["metadata"]["labels"]
for selector in (state["selector"]["matchLabels"], objects["Service"]["spec"]["selector"],
                 objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]):
    expect(selector.items() <= labels.items(), f"{selector} selects nothing")
spec = pod["spec"]
container = spec["containers"][0]
expect(runs(container["args"]), f"{container['args']}: no such command")
ports = {p["name"]: p["containerPort"] for p in container["ports"]}
expect(f"port = {ports['webhooks']}\n" in objects["ConfigMap"]["data"]["mortise.toml"], "the port")
expect(objects["Service"]["spec"]["ports"][0]["targetPort"] in ports, "the Service leads nowhere")
for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
    get = container[probe]["httpGet"]
    expect(get["port"] in ports, f"{probe}: no such port")
    expect(get["path"] in ("/health/live", "/health/ready"), f"{probe}: no such path")
expect(container["readinessProbe"]["httpGet"]["path"] == "/health/ready", "readiness")
expect(container["livenessProbe"]["httpGet"]["path"] == "/health/live", "liveness")
expect(container["securityContext"]["readOnlyRootFilesystem"], "the root can be written")
expect(container["securityContext"]["capabilities"]["drop"] == ["ALL"], "capabilities")
expect(spec["securityContext"]["runAsNonRoot"], "root")
expect(str(spec["securityContext"]["runAsUser"]) == user.split(":")[0], "another user than the image's")
volumes = {v["name"] for v in spec["volumes"]} | {
    v["metadata"]["name"] for v in state["volumeClaimTemplates"]}
secret = next(v["secret"] for v in spec["volumes"] if v["name"] == "secrets")
expect(secret.get("optional") is True, "without a secret the pod waits for ever")
mounts = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
expect(set(mounts.values()) == volumes, f"mounted {sorted(mounts.values())} of {sorted(volumes)}")
variables = {v["name"]: v["value"] for v in container["env"]}
expect(mounts.get(variables["STATE_DIRECTORY"]) == "state", "the state is not on its volume")
expect(mounts.get(variables["CREDENTIALS_DIRECTORY"]) == "secrets", "the credentials")
expect(mounts.get(str(pathlib.Path(container["args"][2]).parent)) == "configuration", "the configuration")
grace = re.search(r'shutdown_grace = "(\d+)s"', objects["ConfigMap"]["data"]["mortise.toml"])
expect(spec["terminationGracePeriodSeconds"] > int(grace[1]), "killed before it could stop")
for what in wrong:
    print("FAILED:", what, file=sys.stderr)
sys.exit(1 if wrong else 0)
