import { openGoldens } from './golden-store.ts';
import { logged, RECORDED, testObservation, testRun, testScenario } from './test-golden.ts';

// A child of the kill test: writes the golden of stream/one, in which OLD says what the second argument is.
const [directory = '', text = ''] = process.argv.slice(2);
const { log } = logged('41', text);
const store = openGoldens(directory);
await store.writing(async () => {
  if (text === '') await store.remove('stream/one');
  else await store.write(testScenario(), testObservation([testRun(log)]), RECORDED);
});
