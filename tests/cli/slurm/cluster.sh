#!/usr/bin/env bash
# A Slurm of one controller and two nodes on this machine, for tests: no systemd, no cgroups, as root.
#   cluster.sh FOLDER start    starts it; its configuration is FOLDER/slurm.conf
#   cluster.sh FOLDER stop     ends all that was started
# Debian: apt-get install slurmctld slurmd slurm-client munge
set -euo pipefail
folder=$(realpath -m "$1")
host=$(hostname -s)
export SLURM_CONF="$folder/slurm.conf"

start() {
  mkdir -p "$folder/state" "$folder/log" "$folder/spool/one" "$folder/spool/two"
  # Munge vouches for who sends: its daemon may run already.
  if ! munge --no-input >/dev/null 2>&1; then
    install -d -o munge -g munge /run/munge
    runuser -u munge -- munged --force
    echo started >"$folder/munge"
  fi
  cat >"$SLURM_CONF" <<CONF
ClusterName=brecq
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=17817
SlurmctldPidFile=$folder/controller.pid
SlurmctldLogFile=$folder/log/controller.txt
SlurmdPidFile=$folder/%n.pid
SlurmdLogFile=$folder/log/%n.txt
SlurmdSpoolDir=$folder/spool/%n
StateSaveLocation=$folder/state
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
# What is queued again waits no two minutes.
SchedulerParameters=bf_interval=5,sched_interval=5
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=17821 CPUs=4 State=UNKNOWN
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=17822 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
CONF
  setsid slurmctld -D >"$folder/log/controller.out" 2>&1 &
  sleep 2
  for node in one two; do setsid slurmd -D -N "$node" >"$folder/log/$node.out" 2>&1 & done
  for _ in $(seq 60); do
    [ "$(sinfo -h -N -o %t 2>/dev/null | grep -c idle)" = 2 ] && return
    sleep 0.5
  done
  echo "Slurm did not start; its logs are in $folder/log" >&2
  exit 1
}

stop() {
  scontrol shutdown || true
  for _ in $(seq 20); do
    pgrep -f "slurmd -D -N (one|two)" >/dev/null || break
    sleep 0.5
  done
  if [ -e "$folder/munge" ]; then pkill -u munge munged || true; fi
}

"$2"
