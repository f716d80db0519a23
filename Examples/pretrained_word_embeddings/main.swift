// Tells what texts are about by a convolutional network over word vectors that others have learned.
//
// The vectors stay as they are: what a word means need not be learned from these texts alone. A fifth of the texts is held out.
//
//     swift run -c release pretrained_word_embeddings glove.6B.100d.txt 20_newsgroup [EPOCHS]
//
// Data: https://nlp.stanford.edu/data/glove.6B.zip, and the 20 newsgroups of
// http://www.cs.cmu.edu/afs/cs.cmu.edu/project/theo-20/www/data/news20.html, a folder of texts in Latin-1 for each group.
// Expected: Keras' example of this name, from which the network is, reaches 72 % of the held-out texts after ten epochs.
import Foundation
import Keras

guard CommandLine.arguments.count > 2 else {
  print("usage: pretrained_word_embeddings VECTORS.txt FOLDER [EPOCHS]")
  exit(64)
}
let (vectorFile, folder) = (CommandLine.arguments[1], CommandLine.arguments[2])
let epochs = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 10 : 10
let length = 1000

// Texts and their groups in one random order, the last fifth for tests.
let groups = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
  .sorted()
var samples: [(text: String, label: Int32)] = []
for (label, group) in groups.enumerated() {
  for file in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(group)").sorted() {
    let text = try String(contentsOfFile: "\(folder)/\(group)/\(file)", encoding: .isoLatin1)
    // What a letter is called stands in front of an empty line, and would give the answer away.
    let parts = text.components(separatedBy: "\n\n").dropFirst()
    samples.append((parts.isEmpty ? text : parts.joined(separator: "\n"), Int32(label)))
  }
}
var random = PythonRandom(seed: 1)
random.shuffle(&samples)
let held = samples.count / 5
let (training, test) = (samples.dropLast(held), samples.suffix(held))

let vectorize = try TextVectorization(maxTokens: 20_000, sequenceLength: length)
try vectorize.adapt(to: StringTensor(training.map(\.text)))
let vectors = try WordVectors(vectorFile, for: vectorize.vocabulary())
print("\(groups.count) groups, \(samples.count) texts; \(vectors.missing.count) words have no vector")

func data(_ samples: ArraySlice<(text: String, label: Int32)>, shuffleSeed: UInt64?) throws -> TensorData {
  let words = try vectorize(StringTensor(samples.map(\.text)))
  return try TensorData([words], [Tensor(samples.map(\.label))], batchSize: 128, shuffleSeed: shuffleSeed)
}

let embedding = Embedding(
  inputDimension: vectors.table.shape[0], outputDimension: vectors.table.shape[1], weights: vectors.table)
embedding.isTrainable = false
let model = Sequential {
  Input(shape: [length], dataType: .int64)
  embedding
  Conv1D(filters: 128, kernelSize: 5, activation: .relu)
  MaxPooling1D(poolSize: 5)
  Conv1D(filters: 128, kernelSize: 5, activation: .relu)
  MaxPooling1D(poolSize: 5)
  Conv1D(filters: 128, kernelSize: 5, activation: .relu)
  GlobalMaxPooling1D()
  Dense(units: 128, activation: .relu)
  Dropout(0.5)
  Dense(units: groups.count, activation: .softmax)
}
try model.compile(optimizer: .rmsprop(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
try model.fit(data(training, shuffleSeed: 1), epochs: epochs, validationData: data(test, shuffleSeed: nil))

for text in ["the shuttle went into orbit around the moon", "the goalkeeper stopped the puck in overtime"] {
  let scores: [Float] = try model.predict(vectorize(StringTensor([text]))).scalars()
  let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
  print("\"\(text)\" is about \(groups[best]), with \(scores[best])")
}
