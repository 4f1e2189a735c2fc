/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/census_json.h"
#include "tools/sim/sim.h"

static json_t *vehicle_json(const struct drive_outcome *v, const struct tally *oracle)
{
	json_t *census = census_json(&v->census);
	json_t *all = json_pack("{s:o, s:o, s:I, s:I}", "tally", tally_json(&v->tally), "oracle",
				tally_json(oracle), "sessions", (json_int_t)v->sessions, "resent",
				(json_int_t)v->resent);

	if (!all || !census) {
		json_decref(census);
		json_decref(all);
		return NULL;
	}
	/* What happened when is for pictures. */
	json_object_del(census, "series");
	json_object_del(census, "marks");
	json_object_update(all, census);
	json_decref(census);
	return all;
}

bool sim_write_json(FILE *to, const struct scenario *s, const char *mode, uint64_t seed,
		    const struct drive *d, const struct tally *oracle)
{
	json_t *vehicles = json_array(), *run;
	bool ok;

	for (unsigned i = 0; i < d->vehicles; i++)
		json_array_append_new(vehicles, vehicle_json(&d->vehicle[i], &oracle[i]));
	run = json_pack("{s:s, s:s, s:I, s:o}", "scenario", s->name, "mode", mode, "seed",
			(json_int_t)seed, "vehicles", vehicles);
	ok = run && json_dumpf(run, to, JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0 &&
	     fputc('\n', to) != EOF;
	json_decref(run);
	return ok;
}

/* Waits for the painter; what it has to say of a failure it says itself. */
static bool paint(const char *series, const char *file)
{
	const char *painter = getenv("WAYBOND_PLOT");
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execlp("python3", "python3", painter ? painter : PAINTER, series, file,
		       (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

bool sim_draw(const char *file, const struct scenario *s, const char *mode, uint64_t seed,
	      const struct drive *d)
{
	char series[] = "/tmp/srtla_sim.XXXXXX";
	char title[SCENARIO_TITLE + SCENARIO_WORD];
	int fd = mkstemp(series);
	json_t *all;
	bool ok;

	if (fd < 0)
		return false;
	all = census_json(&d->vehicle[0].census);
	snprintf(title, sizeof(title), "%s (%s, seed %llu)", s->title, mode,
		 (unsigned long long)seed);
	ok = all && json_object_set_new(all, "title", json_string(title)) == 0 &&
	     json_dumpfd(all, fd, JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0;
	json_decref(all);
	close(fd);
	ok = ok && paint(series, file);
	unlink(series);
	return ok;
}
