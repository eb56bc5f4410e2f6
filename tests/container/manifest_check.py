#!/usr/bin/env python3
"""docker/kubernetes.yaml and compose.yaml: values in different places that must fit each other.

manifest_check.py SOURCE_DIR         prints a line for each; exit status 1 when one does not hold
manifest_check.py SOURCE_DIR --json  prints the Kubernetes objects as JSON, for the schema check
"""
import json
import pathlib
import re
import sys

import yaml

failures = 0


def holds(what, condition):
    global failures
    print(("ok - " if condition else "not ok - ") + what)
    failures += not condition


def seconds(duration):
    number, unit = re.fullmatch(r"([\d.]+)(ms|s)", duration).groups()
    return float(number) * {"ms": 0.001, "s": 1}[unit]


def cores(quantity):
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def mebibytes(quantity):
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi|m)B?", quantity).groups()
    return int(number) * (1024 if unit == "Gi" else 1)


def options(source):
    """The defaults in README.md, which script/readme writes from the code: name -> text."""
    rows = re.findall(r"`AWAITD_(\w+)`.*? \| `([^`]*)` \|", (source / "README.md").read_text())
    return {name.lower(): default for name, default in rows}


def needed_mebibytes(connections, held):
    """What docs/scaling.md says: at rest, for each connection, and what requests hold beyond that."""
    return 16 + connections * 20000 / 2**20 + held


def check_environment(where, environment, defaults):
    unknown = [name for name in environment if name[len("AWAITD_"):].lower() not in defaults]
    holds(f"{where}: every variable is an option of awaitd: unknown {unknown}", not unknown)


def check_kubernetes(source, objects, defaults):
    by_kind = {item["kind"]: item for item in objects}
    holds("kubernetes: one each of Deployment, Service, PodDisruptionBudget, HorizontalPodAutoscaler",
          len(objects) == 4 and sorted(by_kind) == ["Deployment", "HorizontalPodAutoscaler",
                                                    "PodDisruptionBudget", "Service"])
    deployment = by_kind["Deployment"]["spec"]
    pod = deployment["template"]["spec"]
    container, = pod["containers"]
    environment = {each["name"]: each.get("value") for each in container["env"]}
    sources = {each["name"]: each.get("valueFrom") for each in container["env"]}
    check_environment("kubernetes", environment, defaults)

    labels = deployment["template"]["metadata"]["labels"]
    spread, = pod["topologySpreadConstraints"]
    selectors = {
        "Deployment": deployment["selector"]["matchLabels"],
        "Service": by_kind["Service"]["spec"]["selector"],
        "PodDisruptionBudget": by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        "spread": spread["labelSelector"]["matchLabels"],
    }
    for name, selector in selectors.items():
        holds(f"kubernetes: {name} selects the pods", selector.items() <= labels.items())
    holds("kubernetes: spread over nodes", spread["topologyKey"] == "kubernetes.io/hostname")
    target = by_kind["HorizontalPodAutoscaler"]["spec"]
    holds("kubernetes: the autoscaler scales the Deployment",
          (target["scaleTargetRef"]["kind"], target["scaleTargetRef"]["name"])
          == ("Deployment", by_kind["Deployment"]["metadata"]["name"]))
    holds("kubernetes: two replicas, and never fewer",
          deployment["replicas"] == target["minReplicas"] == 2 < target["maxReplicas"])
    holds("kubernetes: the budget lets maintenance go on",
          by_kind["PodDisruptionBudget"]["spec"].get("maxUnavailable", 0) >= 1)

    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    annotations = deployment["template"]["metadata"]["annotations"]
    holds("kubernetes: awaitd's ports are the container's",
          ports == {"http": int(defaults["port"]), "admin": int(environment["AWAITD_ADMIN_PORT"])})
    holds("kubernetes: the Service's clients get the main port, and not the other",
          [each["targetPort"] for each in by_kind["Service"]["spec"]["ports"]] == ["http"])
    holds("kubernetes: the kubelet and Prometheus get the admin port",
          container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "admin"}
          and container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "admin"}
          and annotations["prometheus.io/port"] == environment["AWAITD_ADMIN_PORT"])

    delay = seconds(environment["AWAITD_DRAIN_DELAY"])
    timeout = seconds(environment["AWAITD_DRAIN_TIMEOUT"])
    readiness = container["readinessProbe"]
    holds("kubernetes: drain delay + drain timeout end before the grace period",
          delay + timeout < pod["terminationGracePeriodSeconds"])
    holds("kubernetes: the drain lasts as long as the longest request",
          timeout >= seconds(environment["AWAITD_MAX_DURATION"]))
    holds("kubernetes: a probe sees that readiness is gone while still everybody is let in",
          readiness["periodSeconds"] * readiness["failureThreshold"] < delay)

    limits, requests = container["resources"]["limits"], container["resources"]["requests"]
    holds("kubernetes: a thread for each core of the limit",
          sources["AWAITD_THREADS"] == {"resourceFieldRef": {"resource": "limits.cpu"}})
    holds("kubernetes: requests are below limits",
          cores(requests["cpu"]) <= cores(limits["cpu"])
          and mebibytes(requests["memory"]) <= mebibytes(limits["memory"]))
    holds("kubernetes: the memory limit holds all connections, and what is held",
          mebibytes(limits["memory"])
          >= needed_mebibytes(int(environment["AWAITD_MAX_CONNECTIONS"]),
                              mebibytes(environment["AWAITD_MAX_HELD"])))

    security, pod_security = container["securityContext"], pod["securityContext"]
    holds("kubernetes: nobody in particular, a read-only root, no capability, no token",
          pod_security["runAsNonRoot"] is True and pod_security["runAsUser"] == 65532
          and security["readOnlyRootFilesystem"] is True
          and security["allowPrivilegeEscalation"] is False
          and security["capabilities"] == {"drop": ["ALL"]}
          and pod["automountServiceAccountToken"] is False)
    holds("kubernetes: no AWAITD_PORT from a Service", pod["enableServiceLinks"] is False)
    version = re.search(r"project\(\w+ VERSION ([\d.]+)", (source / "CMakeLists.txt").read_text()).group(1)
    holds(f"kubernetes: the image is awaitd:{version}", container["image"] == f"awaitd:{version}")


def check_compose(services, defaults):
    awaitd, tests = services["awaitd"], services["tests"]
    environment = awaitd["environment"]
    check_environment("compose", environment, defaults)
    holds("compose: a read-only root, no capability, no volume",
          awaitd["read_only"] is True and awaitd["cap_drop"] == ["ALL"] and "volumes" not in awaitd)
    holds("compose: 8080 outside unless told otherwise, awaitd's port inside",
          awaitd["ports"] == ["${PORT:-8080}:" + defaults["port"]])
    holds("compose: a thread for each core", int(environment["AWAITD_THREADS"]) == awaitd["cpus"])
    holds("compose: descriptors for all connections",
          awaitd["ulimits"]["nofile"] >= int(environment["AWAITD_MAX_CONNECTIONS"]) + 64)
    holds("compose: the memory limit holds all connections, and what is held",
          mebibytes(awaitd["mem_limit"])
          >= needed_mebibytes(int(environment["AWAITD_MAX_CONNECTIONS"]),
                              mebibytes(environment["AWAITD_MAX_HELD"])))
    holds("compose: the drain ends before the grace period",
          seconds(defaults["drain_timeout"]) < seconds(awaitd["stop_grace_period"]))
    holds("compose: the checks run only when asked for, and against what is healthy",
          tests["profiles"] == ["tests"]
          and tests["depends_on"]["awaitd"]["condition"] == "service_healthy")


def main():
    source = pathlib.Path(sys.argv[1])
    objects = list(yaml.safe_load_all((source / "docker/kubernetes.yaml").read_text()))
    if "--json" in sys.argv:
        json.dump(objects, sys.stdout)
        return 0
    defaults = options(source)
    check_kubernetes(source, objects, defaults)
    check_compose(yaml.safe_load((source / "docker/compose.yaml").read_text())["services"], defaults)
    return 1 if failures else 0


sys.exit(main())
