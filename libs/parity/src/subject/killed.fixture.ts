// Runs a subject that leaves its session and sleeps, until somebody kills this process (leftovers.test.ts).
import { observed, shellSubject, testScenario } from './subject.fixture.ts';

const [time = '', temporary = ''] = process.argv.slice(2);
const subject = await shellSubject(`busybox setsid busybox sleep ${time} & sleep ${time}`, { temporary });
await observed(subject, testScenario({ timeout: 1000 }));
