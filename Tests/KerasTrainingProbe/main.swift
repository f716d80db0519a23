// A process of its own for the tests: trains a small network, on data that is always the same.
//
// KerasTrainingProbe resume FOLDER WEIGHTS    with a backup in FOLDER; writes the weights that it ends with
// KerasTrainingProbe save FILE                with a checkpoint after the epoch: the model, or weights alone
// KerasTrainingProbe back-up FOLDER           with a backup alone, which is left there

import Glibc
import KerasCore
import KerasFiles
import KerasModels
import KerasTraining

let arguments = CommandLine.arguments

func trained(epochs: Int, steps: Int?, _ callbacks: [Callback]) throws(KerasError) -> Model {
  let random = CounterRandom(seed: 8)
  let count = 52
  let pixels = (0..<UInt64(count * 64)).map { Float(random.uniform(stream: 1, at: $0)) }
  let x = try Tensor(pixels, shape: [count, 8, 8, 1])
  let y = Tensor((0..<count).map { Int32($0 % 3) })
  let input = Input(shape: [8, 8, 1])
  let filtered = BatchNormalization()(Conv2D(filters: 4, kernelSize: 3, activation: .relu)(input))
  let hidden = Dropout(0.3)(Dense(units: 32, activation: .relu)(Flatten()(filtered)))
  let model = try Model(inputs: input, outputs: Dense(units: 3, activation: .softmax)(hidden))
  try model.compile(
    optimizer: .adam(learningRate: .schedule(.exponentialDecay(initialRate: 0.01, steps: 5, decayRate: 0.9))),
    loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
  try model.fit(
    x, y, batchSize: 8, epochs: epochs, stepsPerEpoch: steps, callbacks: callbacks, verbosity: .silent)
  return model
}

do throws(KerasError) {
  switch arguments[1] {
  case "resume":
    // Epochs do not end where the data does.
    let model = try trained(epochs: 24, steps: 5, [BackupAndRestore(arguments[2])])
    var arrays: [String: Tensor] = [:]
    for (number, weight) in model.weights.enumerated() { arrays["\(number)"] = weight.value }
    try NumPy.saveArchive(arrays, to: arguments[3])
  case "save":
    let isWeights = arguments[2].hasSuffix(".weights.h5")
    _ = try trained(epochs: 1, steps: nil, [ModelCheckpoint(arguments[2], savesWeightsOnly: isWeights)])
  default:
    _ = try trained(epochs: 1, steps: nil, [BackupAndRestore(arguments[2], deletesAtEnd: false)])
  }
} catch {
  print(error)
  exit(1)
}
