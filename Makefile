# SPDX-License-Identifier: Apache-2.0
# Builds, checks and installs vfmond. `make help` lists the targets.

VERSION := $(shell cat VERSION)
BUILD ?= build
prefix ?= /usr
bindir ?= $(prefix)/bin
sbindir ?= $(prefix)/sbin
libexecdir ?= $(prefix)/libexec
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/vfmond
unitdir ?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
catalogdir ?= $(prefix)/lib/systemd/catalog
udevrulesdir ?= $(prefix)/lib/udev/rules.d
vendordir ?= $(prefix)/lib/vfmond/vendor.d
INSTALL ?= install
CFLAGS ?= -O2 -g
Q := $(if $(filter 1,$(V)),,@)

PKGS := libudev libevent libnl-3.0 json-c libsystemd libpcre2-8 smartcols
PKG_MISSING := $(shell for p in $(PKGS); do pkg-config --exists $$p || echo $$p; done)
NO_LIBRARIES := help clean uninstall dist check-layers format check-format check-system parity-answers
ifneq ($(and $(PKG_MISSING),$(filter-out $(NO_LIBRARIES),$(or $(MAKECMDGOALS),all))),)
$(error missing libraries: $(PKG_MISSING); ./bootstrap.sh installs them)
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wundef \
	-Wformat=2 -Wvla -Wcast-qual -Wwrite-strings
HARDENING := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
REQ_CFLAGS := -std=gnu11 $(WARNINGS) $(HARDENING) -D_GNU_SOURCE -Iinclude -I$(BUILD)/include \
	-DVFMON_VERSION=\"$(VERSION)\" $(shell pkg-config --cflags $(PKGS) 2>/dev/null) -MMD -MP
comma := ,
REQ_LDFLAGS := -pie -Wl,-z,relro,-z,now -pthread
ALL_CFLAGS = $(REQ_CFLAGS) $(CFLAGS) $(WERROR)
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -U_FORTIFY_SOURCE
LIBS_monitor := $(shell pkg-config --libs $(filter-out smartcols,$(PKGS)) 2>/dev/null)
LIBS_cli := $(shell pkg-config --libs smartcols json-c libpcre2-8 2>/dev/null)
LIBS_parity := $(shell pkg-config --libs $(filter json-c libpcre2-8,$(PKGS)) 2>/dev/null)
LIBS_test := $(shell pkg-config --libs cmocka 2>/dev/null)

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
MAINS := monitor/main.c monitor/main_simulated.c monitor/main_nova_config.c cli/main.c sim/main.c
CORE := $(call obj,$(wildcard src/*.c))
MONITOR := $(call obj,$(filter-out $(MAINS),$(wildcard monitor/*.c)))
# Files that the client shares with the daemon: how Nova's files are found and read.
SHARED := monitor/novafiles.c monitor/novaplaces.c monitor/wholefile.c
# and how sysfs is read.
SHARED += $(wildcard monitor/sysfs*.c monitor/use_[adt]*.c) monitor/addr_dump.c monitor/kernel.c
CLI := $(call obj,$(filter-out $(MAINS),$(wildcard cli/*.c)) $(SHARED))
SIM := $(call obj,$(filter-out $(MAINS),$(wildcard sim/*.c)))
PROGRAMS := $(addprefix $(BUILD)/,vfmond vfmond-simulated vfmond-nova-config vfmonctl vfmond-sim)
program = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)))
UNIT := $(call program,tests/unit/test_*.c)
COMPONENT := $(call program,tests/component/test_*.c)
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAY := $(FUZZ:%=$(BUILD)/tests/fuzz/replay_%)
BENCH := $(call program,tests/bench/bench_*.c)
SOURCES := $(wildcard $(foreach d,src monitor cli sim tests/*,$d/*.c))
HEADERS := $(wildcard include/vfmon/*.h monitor/*.h cli/*.h sim/*.h tests/*/*.h)
GENERATED := $(BUILD)/include/interface_text.h $(BUILD)/include/standard_names.h

all: $(PROGRAMS) ## build the programs (default)
help: ## show this list
	@awk -F ':.*## ' '/^[a-z_.%-]+:.*## /{sub(/%/, "TARGET", $$1); printf "  %-21s %s\n", $$1, $$2}' Makefile

# Other flags or another compiler make every object anew.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' >$@

# The one object that knows where something is installed: another prefix makes no other anew.
$(BUILD)/vendordir: FORCE
	@mkdir -p $(@D)
	@echo '$(vendordir)' | cmp -s - $@ || echo '$(vendordir)' >$@
$(BUILD)/monitor/vendorfiles.o: $(BUILD)/vendordir
$(BUILD)/monitor/vendorfiles.o: private REQ_CFLAGS += -DVFMON_VENDOR_DIR=\"$(vendordir)\"

$(BUILD)/%.o: %.c $(BUILD)/flags | $(GENERATED)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The interface is served as it is in the file: one text, one place.
$(BUILD)/include/interface_text.h: include/vfmon/io.vfmon.Monitor.varlink
	@mkdir -p $(@D)
	$(Q)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/\t/\\t/g' -e 's/^/"/' -e 's/$$/\\n"/' $< >$@

# Nova's standard names, one a line, as C strings.
$(BUILD)/include/standard_names.h: src/data/standard-resource-classes.txt src/data/standard-traits.txt
	@mkdir -p $(@D)
	$(Q)for f in resource-classes traits; do echo "static const char *const standard_$$f[] = {" | tr - _; \
		LC_ALL=C sort src/data/standard-$$f.txt | sed -n 's/^[A-Z].*/\t"&",/p'; echo '};'; done >$@

$(BUILD)/libvfmon.a: $(CORE)
$(BUILD)/libvfmond.a: $(MONITOR)
$(BUILD)/libvfmonctl.a: $(CLI)
$(BUILD)/libvfmondsim.a: $(SIM)
$(BUILD)/libtest.a: $(call obj,$(wildcard tests/lib/*.c))
%.a:
	$(if $(Q),@echo "  AR  $@")
	$(Q)rm -f $@ && $(AR) rcs $@ $^

link = $(if $(Q),@echo "  LD  $@";) $(CC) $(ALL_CFLAGS) $(REQ_LDFLAGS) $(LDFLAGS) -o $@ $(1)
DAEMON := $(BUILD)/libvfmond.a $(BUILD)/libvfmon.a
$(BUILD)/vfmond: $(BUILD)/monitor/main.o $(DAEMON)
	$(call link,$^ $(LIBS_monitor))
$(BUILD)/vfmond-simulated: $(BUILD)/monitor/main_simulated.o $(DAEMON)
	$(call link,$^ $(LIBS_monitor))
$(BUILD)/vfmond-nova-config: $(BUILD)/monitor/main_nova_config.o $(DAEMON)
	$(call link,$^ -Wl$(comma)--as-needed $(LIBS_monitor))
$(BUILD)/vfmonctl: $(BUILD)/cli/main.o $(BUILD)/libvfmonctl.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_cli))
$(BUILD)/vfmond-sim: $(BUILD)/sim/main.o $(BUILD)/libvfmondsim.a $(BUILD)/libvfmon.a
	$(call link,$^)
$(BUILD)/tests/unit/test_sim_%: $(BUILD)/tests/unit/test_sim_%.o $(BUILD)/libvfmondsim.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_test))
$(BUILD)/tests/unit/test_cli_%: $(BUILD)/tests/unit/test_cli_%.o $(BUILD)/libvfmonctl.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_test) $(LIBS_cli))
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libtest.a $(DAEMON)
	$(call link,$^ $(LIBS_test) $(LIBS_monitor))
# Goes into the daemon of a test, whatever that was built with.
$(BUILD)/tests/faults.so: tests/shim/faults.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD  $@")
	$(Q)$(CC) -std=gnu11 $(WARNINGS) $(WERROR) -D_GNU_SOURCE -O2 -g -fPIC -shared -o $@ $< -ldl
$(BUILD)/tests/parity/judge: $(call obj,$(wildcard tests/parity/*.c)) $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_parity))
$(BUILD)/tests/faults/%.so: tests/faults/%.c tests/faults/control.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD  $@")
	$(Q)$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -fPIC -shared -o $@ $(filter %.c,$^)
# The simulated host and the daemon's parts in one program; see the headers of what is wrapped.
CONVERGE_WRAPPED := clock_gettime addr_dump_read pthread_cond_wait pthread_cond_signal openat __openat_2 readlinkat \
	__readlinkat_chk nlsock_open nlsock_join nlsock_receive nlsock_drops
$(BUILD)/tests/converge/converge: $(call obj,$(wildcard tests/converge/*.c)) $(BUILD)/libvfmondsim.a $(DAEMON)
	$(call link,$(CONVERGE_WRAPPED:%=-Wl$(comma)--wrap=%) $^ $(LIBS_monitor))
# Programs that let our own allocations fail, see tests/lib/alloc.h.
ALLOC_TESTS := $(call program,$(shell grep -l 'alloc\.h"' tests/unit/*.c tests/component/*.c 2>/dev/null))
WRAPPED := malloc calloc realloc reallocarray strdup strndup
# One that counts how often a change is encoded.
$(BUILD)/tests/component/test_server_fanout: private REQ_LDFLAGS += -Wl$(comma)--wrap=session_change_reply
# One whose machine sleeps.
$(BUILD)/tests/component/test_loop: private REQ_LDFLAGS += -Wl$(comma)--wrap=clock_gettime
$(BUILD)/tests/faults/vfmond-simulated: $(BUILD)/monitor/main_simulated.o \
		$(patsubst %,$(BUILD)/tests/%.o,faults/alloc_own faults/control lib/alloc) $(DAEMON)
	$(call link,$^ $(LIBS_monitor))
	$(Q)ln -sf ../../vfmond-sim ../../vfmonctl $(@D)
$(BUILD)/tests/faults/vfmond-simulated $(ALLOC_TESTS): private REQ_LDFLAGS += $(WRAPPED:%=-Wl$(comma)--wrap=%)
# As for the unit tests: fuzz_cli_NAME is of the client, fuzz_sim_NAME of the simulator.
FUZZ_CLI := $(BUILD)/libvfmonctl.a $(BUILD)/libvfmon.a
FUZZ_SIM := $(BUILD)/libvfmondsim.a $(BUILD)/libvfmon.a
FUZZ_ALL := $(BUILD)/libtest.a $(DAEMON)
REPLAY_MAIN := $(BUILD)/tests/fuzz/replay_main.o
$(BUILD)/tests/fuzz/replay_cli_%: $(REPLAY_MAIN) $(BUILD)/tests/fuzz/fuzz_cli_%.o $(FUZZ_CLI)
	$(call link,$^ $(LIBS_cli))
$(BUILD)/tests/fuzz/replay_sim_%: $(REPLAY_MAIN) $(BUILD)/tests/fuzz/fuzz_sim_%.o $(FUZZ_SIM)
	$(call link,$^ $(LIBS_cli))
$(BUILD)/tests/fuzz/replay_%: $(REPLAY_MAIN) $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_ALL)
	$(call link,$^ $(LIBS_monitor))
$(BUILD)/tests/fuzz/fuzz_cli_%: $(BUILD)/tests/fuzz/fuzz_cli_%.o $(FUZZ_CLI)
	$(call link,-fsanitize=fuzzer $^ $(LIBS_cli))
$(BUILD)/tests/fuzz/fuzz_sim_%: $(BUILD)/tests/fuzz/fuzz_sim_%.o $(FUZZ_SIM)
	$(call link,-fsanitize=fuzzer $^ $(LIBS_cli))
$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_ALL)
	$(call link,-fsanitize=fuzzer $^ $(LIBS_monitor))
.SECONDARY .DELETE_ON_ERROR:

.PHONY: FORCE all help check check-unit check-component check-functional check-corpus check-parity check-faults check-faults-own check-soak check-converge \
	parity-answers check-layers check-help \
	check-headers check-install check-system check-storms system-calls check-format test-programs asan asan-programs tsan valgrind coverage \
	fuzz soak bench lint format install uninstall dist clean ci check-long check-kills
SUITES := check-unit check-component check-corpus check-parity check-converge check-functional
check: check-layers check-headers check-help $(SUITES) check-faults check-soak ## what every change must pass, without root
test-programs: all $(BUILD)/tests/faults.so $(UNIT) $(COMPONENT) $(REPLAY) $(BUILD)/tests/parity/judge $(BUILD)/tests/converge/converge
check-unit: $(UNIT) ## the cmocka programs of each module
	$(Q)tests/run_programs.sh $(UNIT)
check-component: $(COMPONENT) ## the cmocka programs with a real event loop
	$(Q)tests/run_programs.sh $(COMPONENT)
check-functional: all $(BUILD)/tests/faults.so ## daemon, simulator and client together
	$(Q)VFMON_BUILD=$(abspath $(BUILD)) python3 -B -m unittest discover -v -s tests/functional
check-corpus: $(REPLAY) ## the fuzz targets over their saved inputs
	$(Q)tests/run_corpus.sh $(REPLAY)
check-parity: $(BUILD)/tests/parity/judge ## our decisions and those of the real Nova, as kept
	$(Q)tests/parity/parity.py check $(BUILD)/tests/parity/judge
parity-answers: ## make what is kept of the real Nova again (root; makes trees of Debian once)
	$(Q)tests/parity/parity.py ask
# Each STRIDE-th allocation. Sanitizers have an allocator of their own: with them only our own calls.
check-faults: all $(BUILD)/tests/faults/alloc_fault.so ## allocations of a running daemon fail (STRIDE=1: each)
	$(Q)VFMON_BUILD=$(abspath $(BUILD)) FAULTS_STRIDE=$(or $(STRIDE),41) \
		python3 -B -m unittest discover -v -s tests/faults
check-faults-own: all $(BUILD)/tests/faults/vfmond-simulated
	$(Q)VFMON_BUILD=$(abspath $(BUILD))/tests/faults FAULTS_OWN=1 FAULTS_STRIDE=$(or $(STRIDE),41) \
		python3 -B -m unittest discover -v -s tests/faults
check-converge: $(BUILD)/tests/converge/converge ## SEEDS (1500) random hosts and losses from FIRST (1): all that is seen agrees
	$(Q)$(BUILD)/tests/converge/converge --seeds $(or $(SEEDS),1500) --first $(or $(FIRST),1)
check-soak: all ## a brief soak
	$(Q)python3 -B tests/soak/test_verdict.py
	$(Q)VFMON_BUILD=$(abspath $(BUILD)) tests/soak/soak.py --seconds 15
soak: all ## storms, clients and reloads for MINUTES (20); all samples in BUILD/soak.txt
	$(Q)VFMON_BUILD=$(abspath $(BUILD)) tests/soak/soak.py --minutes $(or $(MINUTES),20) --table $(BUILD)/soak.txt
check-layers: ## who may include whom
	$(Q)tests/check_layers.py --self-test && tests/check_layers.py
check-headers: $(GENERATED) ## each header compiles alone
	$(Q)for h in $(HEADERS); do echo "#include \"$$h\"" | \
		$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -Werror -I. -fsyntax-only -x c - || exit 1; done
check-help: all ## the manners of --help
	$(Q)tests/check_help.sh $(BUILD)
check-install: all ## what install puts where; uninstall leaves nothing
	$(Q)tests/check_install.sh $(BUILD)
check-system: ## the guest with real virtual functions, and one with very many of them
	$(Q)tests/system/run.sh; a=$$?; tests/system/run.sh --nvmes 4 --vfs 127; exit $$((a + $$?))
check-storms: ## the guest's storms, ROUNDS (5) times as many as in check-system
	$(Q)tests/system/run.sh --only at_random,refused --rounds $(or $(ROUNDS),5) --timeout 3600; a=$$?; \
		tests/system/run.sh --nvmes 4 --vfs 127 --rounds $(or $(ROUNDS),5) --timeout 3600; exit $$((a + $$?))
system-calls: all ## which system calls the services make, and whether their units let them (strace)
	$(Q)tests/system_calls.sh $(BUILD)
check-format: ## whether make format would change anything
	$(Q)tests/check_format.sh $(SOURCES) $(HEADERS) || [ $$? -eq 77 ]

ASAN := BUILD=$(BUILD)/asan CC=clang CFLAGS='$(SANITIZE)'
asan-programs:
	+$(Q)$(MAKE) $(ASAN) test-programs
asan: asan-programs ## the tests under ASan and UBSan (clang)
	$(Q)$(MAKE) -k $(ASAN) $(SUITES) SEEDS=$(or $(SEEDS),200) check-faults-own
# Nothing is suppressed.
TSAN := BUILD=$(BUILD)/tsan CC=clang CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=thread -U_FORTIFY_SOURCE'
tsan: ## unit, component and functional tests under the thread sanitizer (clang)
	+$(Q)$(MAKE) $(TSAN) test-programs
	$(Q)TSAN_OPTIONS='exitcode=66 second_deadlock_stack=1' \
		$(MAKE) -k $(TSAN) check-unit check-component check-functional
valgrind: $(UNIT) $(COMPONENT) all ## unit and component tests, and the daemon in some others, under memcheck
	$(Q)WRAPPER='valgrind -q --leak-check=full --error-exitcode=99' tests/run_programs.sh $(UNIT) $(COMPONENT)
	$(Q)tests/valgrind.sh $(BUILD) test_daemon_scenarios test_daemon_config test_daemon_watch
# Branches that no test can take are left out: those of assert(), and those that gcc adds itself.
COVERAGE_LINES ?= 95
COVERAGE_BRANCHES ?= 85
GCOVR := gcovr -r . --exclude-unreachable-branches --exclude-throw-branches \
	--exclude-branches-by-pattern '^\s*assert\(.*' $(BUILD)/coverage
coverage: ## what the tests run of the core, in per cent; fails below COVERAGE_LINES, COVERAGE_BRANCHES
	$(Q)! [ -d $(BUILD)/coverage ] || find $(BUILD)/coverage -name '*.gcda' -delete
	$(Q)$(MAKE) -k BUILD=$(BUILD)/coverage CFLAGS='-O0 -g --coverage -U_FORTIFY_SOURCE' $(SUITES)
	$(Q)$(GCOVR) -e tests/ -o $(BUILD)/coverage/all.txt && tail -3 $(BUILD)/coverage/all.txt
	$(Q)$(GCOVR) -f src/ -s --fail-under-line $(COVERAGE_LINES) --fail-under-branch $(COVERAGE_BRANCHES)
fuzz-%: ## one fuzz target for MINUTES (1)
	$(Q)mkdir -p $(BUILD)/fuzz/found/$*
	$(Q)$(MAKE) BUILD=$(BUILD)/fuzz CC=clang CFLAGS='$(SANITIZE) -fsanitize=fuzzer-no-link' \
		$(BUILD)/fuzz/tests/fuzz/fuzz_$*
	$(Q)$(BUILD)/fuzz/tests/fuzz/fuzz_$* $(patsubst %,-dict=%,$(wildcard tests/fuzz/dict/$*)) -max_total_time=$$(($(or $(MINUTES),1) * 60)) \
		-artifact_prefix=$(BUILD)/fuzz/found/ $(BUILD)/fuzz/found/$* tests/fuzz/corpus/$*
fuzz: $(FUZZ:%=fuzz-%) ## all of them, MINUTES each
bench: all $(BENCH) ## the budgets, as ratios; also in BUILD/bench.txt
	$(Q)tests/bench/run.sh $(BUILD)
lint: compile_commands.json $(GENERATED) ## clang-tidy, cppcheck, shellcheck, mandoc, codespell, pyflakes
	$(Q)tests/lint.sh
format: ## rewrite all C files in the house's form
	$(Q)clang-format -i $(SOURCES) $(HEADERS)
compile_commands.json: FORCE ## for clangd and clang-tidy
	$(Q){ sep='['; for f in $(SOURCES); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s"}' "$$sep" "$(CURDIR)" "$$f" \
		'$(subst ",\",$(subst \,\\,$(CC) $(ALL_CFLAGS))) -c '"$$f"; sep=,; done; echo ']'; } >$@
ci: ## all that CI checks, cheapest first; ends with the sum
	+$(Q)BUILD=$(BUILD) MAKE='$(MAKE)' tests/ci.sh
check-kills: all ## the daemon is killed KILLS (500) times at random moments
	$(Q)cd tests/functional && VFMON_KILLS=$(or $(KILLS),500) VFMON_BUILD=$(abspath $(BUILD)) \
		python3 -B -m unittest -v test_daemon_kills
check-long: ## what takes longer than CI may (PARTS='soak fuzz': only those)
	+$(Q)BUILD=$(BUILD) MAKE='$(MAKE)' tests/long.sh $(PARTS)

# What is installed, as file:folder:mode. A file that ends in .in gets its folders filled in.
place = $(patsubst %,%:$(1):0644,$(wildcard $(2)))
INSTALLED := $(BUILD)/vfmond:$(sbindir):0755 $(BUILD)/vfmonctl:$(bindir):0755 \
	$(BUILD)/vfmond-sim:$(bindir):0755 $(BUILD)/vfmond-simulated:$(libexecdir)/vfmond:0755 \
	$(BUILD)/vfmond-nova-config:$(libexecdir)/vfmond:0755 \
	$(call place,$(unitdir),systemd/*.socket systemd/*.path systemd/*.service.in) $(call place,$(sysusersdir),systemd/sysusers.d/*) \
	$(call place,$(catalogdir),systemd/*.catalog) $(call place,$(udevrulesdir),rules/*.rules) \
	$(call place,$(vendordir),rules/vendor.d/*.conf) \
	$(foreach n,1 5 7 8,$(call place,$(mandir)/man$(n),docs/man/*.$(n))) \
	$(call place,$(datadir)/varlink,include/vfmon/io.vfmon.Monitor.varlink) \
	$(call place,$(datadir)/bash-completion/completions,completions/*) \
	$(call place,$(docdir)/nova-compute.service.d,examples/nova-compute.service.d/*) \
	$(call place,$(docdir)/scenarios,examples/scenarios/*) $(call place,$(docdir),README.md CHANGELOG.md)
# Before systemd 257 this is no word that PrivateUsers= knows.
UNIT_LINES = $(shell pkg-config --atleast-version=257 libsystemd || echo "-e '/^PrivateUsers=identity/d'")
install: all ## into DESTDIR, below prefix (/usr)
	$(Q)for i in $(INSTALLED); do IFS=:; set -- $$i; to="$(DESTDIR)$$2/$$(basename "$$1" .in)"; \
		$(INSTALL) -D -m "$$3" "$$1" "$$to" || exit 1; \
		case $$1 in *.in) sed -i -e 's|@sbindir@|$(sbindir)|g' -e 's|@bindir@|$(bindir)|g' -e 's|@libexecdir@|$(libexecdir)|g' $(UNIT_LINES) "$$to" || exit 1;; esac; done
uninstall: ## take the same files away
	$(Q)for i in $(INSTALLED); do IFS=:; set -- $$i; rm -f "$(DESTDIR)$$2/$$(basename "$$1" .in)"; done
dist: ## the sources of HEAD as an archive
	$(Q)mkdir -p $(BUILD) && git archive --prefix=vfmond-$(VERSION)/ -o $(BUILD)/vfmond-$(VERSION).tar.gz HEAD
clean: ## remove what was built
	$(Q)rm -rf $(BUILD) compile_commands.json
-include $(patsubst %.o,%.d,$(call obj,$(SOURCES)))
