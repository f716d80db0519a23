// Tells praise from blame in sentences about films.
//
// Words become vectors, a bidirectional LSTM reads them, and one number says how likely the sentence praises. A tenth of the
// sentences is held out.
//
//     swift run -c release SentimentClassifier rt-polarity.pos rt-polarity.neg
//
// Data: "sentence polarity dataset v1.0" of Bo Pang and Lillian Lee, https://www.cs.cornell.edu/people/pabo/movie-review-data/,
// 5,331 sentences of each kind, one a line, in Latin-1.
// Expected: 76 to 79 % of the held-out sentences after the second or third epoch, as with Keras.
import Foundation
import Keras

guard CommandLine.arguments.count > 2 else {
  print("usage: SentimentClassifier PRAISE.txt BLAME.txt [EPOCHS]")
  exit(64)
}
let epochs = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 3 : 3

func sentences(_ path: String) throws -> [String] {
  let text = try String(contentsOfFile: path, encoding: .isoLatin1)
  return text.split(separator: "\n").map(String.init)
}

// Sentences and labels in one random order, the last tenth for tests.
let (praise, blame) = (try sentences(CommandLine.arguments[1]), try sentences(CommandLine.arguments[2]))
var samples = praise.map { (text: $0, label: Float(1)) } + blame.map { (text: $0, label: Float(0)) }
var random = PythonRandom(seed: 1)
random.shuffle(&samples)
let held = samples.count / 10
let (training, test) = (samples.dropLast(held), samples.suffix(held))

// The vocabulary is learnt from what the model may see.
let vectorize = try TextVectorization(maxTokens: 10_000, sequenceLength: 40)
try vectorize.adapt(to: StringTensor(training.map(\.text)))

func data(_ samples: ArraySlice<(text: String, label: Float)>, shuffleSeed: UInt64?) throws -> TensorData {
  let words = try vectorize(StringTensor(samples.map(\.text)))
  return try TensorData([words], [Tensor(samples.map(\.label))], batchSize: 32, shuffleSeed: shuffleSeed)
}

let model = Sequential {
  Input(shape: [40], dataType: .int64)
  Embedding(inputDimension: vectorize.vocabularyCount, outputDimension: 64, masksZero: true)
  Dropout(0.5)
  Bidirectional(LSTM(units: 32))
  Dropout(0.5)
  Dense(units: 1, activation: .sigmoid)
}
try model.compile(optimizer: .adam(), loss: .binaryCrossentropy, metrics: [.accuracy])
try model.fit(data(training, shuffleSeed: 1), epochs: epochs, validationData: data(test, shuffleSeed: nil))

for sentence in ["a moving and wonderfully acted film .", "a tedious , predictable mess ."] {
  let likely = try model.predict(vectorize(StringTensor([sentence]))).scalars(as: Float.self)[0]
  print(sentence, "praises with", likely)
}
