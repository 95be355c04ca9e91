#!/usr/bin/env bash
# Fetches the judges that we did not write: pyHanko and pkilint from PyPI, veraPDF, EU DSS and ofdrw from Maven, into .cache/judges, and
# compiles the small programs that ask the last three.
# For tests and benches only; nothing of the product needs them.
set -euo pipefail
cd "$(dirname "$0")/.."
judges="$PWD/.cache/judges"
mkdir -p "$judges"

if [ ! -x "$judges/python/bin/python" ]; then
  python3 -m venv "$judges/python"
  "$judges/python/bin/pip" install --quiet 'pyHanko==0.38.0'
fi

if [ ! -x "$judges/pkilint/bin/python" ]; then
  python3 -m venv "$judges/pkilint"
  "$judges/pkilint/bin/pip" install --quiet 'pkilint==0.13.3'
fi

if [ ! -f "$judges/verapdf.jar" ]; then
  mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact=org.verapdf.apps:greenfield-apps:1.28.2 -DoutputDirectory="$judges/maven" -Dmdep.stripVersion=true
  mv "$judges/maven/greenfield-apps.jar" "$judges/verapdf.jar"
fi

if [ ! -d "$judges/dss" ]; then
  mvn --quiet --batch-mode -f tools/judges/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$judges/dss.part"
  mv "$judges/dss.part" "$judges/dss"
fi

if [ ! -d "$judges/classes" ] || [ -n "$(find tools/judges -maxdepth 1 -name '*.java' -newer "$judges/classes")" ]; then
  rm -rf "$judges/classes"
  javac -d "$judges/classes" -cp "$judges/dss/*:$judges/verapdf.jar" tools/judges/*.java
fi

if [ ! -d "$judges/ofdrw" ]; then
  mvn --quiet --batch-mode -f tools/judges/ofdrw/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$judges/ofdrw.part"
  mv "$judges/ofdrw.part" "$judges/ofdrw"
fi

if [ ! -d "$judges/ofdrw-classes" ] || [ -n "$(find tools/judges/ofdrw -name '*.java' -newer "$judges/ofdrw-classes")" ]; then
  rm -rf "$judges/ofdrw-classes"
  javac -d "$judges/ofdrw-classes" -cp "$judges/ofdrw/*" tools/judges/ofdrw/*.java
fi
