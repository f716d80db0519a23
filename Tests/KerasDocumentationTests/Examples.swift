// The examples in doc comments, as they show them. Do not edit: change the comment, and let
// KERAS_WRITE_SNIPPETS=1 swift test --filter KerasDocumentationTests write this file again.

import Foundation
import Keras

private final class Scale: Layer, @unchecked Sendable {}

private struct Checkerboard: Initializer {
  var width = 8
  var config: JSONObject { ["width": .integer(width)] }
  func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor { Tensor(zeros: shape) }
}

/// Applications/Catalog/Application.swift
func example1() async throws {
  let model = try ResNet50()
  let features = try VGG16(includeTop: false, pooling: .average)
  _ = (model, features)
}

/// Applications/Catalog/Application.swift
func example2() async throws {
  let narrow = try ModelCatalog.application(named: "mobilenet").setting("alpha", to: 0.25)
  _ = (narrow)
}

/// Applications/Doctor/PreprocessingReport.swift
func example3() async throws {
  let model = try MobileNet()
  let report = try model.preprocessingReport(ofPicture: "elephant.jpg")
  for stage in report.stages { print(stage.name, stage.channels.map(\.mean)) }
  try report.strip().save(to: "strip.png")
  _ = (report)
}

/// Applications/Explanations/HeatMap.swift
func example4() async throws {
  let model = try MobileNet()
  let photo = try Image(contentsOf: "photo.jpg")
  let map = try model.gradCAM(of: photo)
  print(map.explained.label, map[3, 3])
  try map.overlay(on: photo).save(to: "heat.png")
  _ = (map)
}

/// Applications/ImageModel+Files.swift
func example5() async throws {
  let model = try ImageModel(contentsOf: "saved-resnet.keras")
  _ = (model)
}

/// Applications/ImageModel+Files.swift
func example6() async throws {
  let names = try ClassLabels(contentsOf: "names.txt")
  let mine = try ImageModel(contentsOf: "flowers.keras", preprocessing: .unit, labels: names)
  _ = (mine)
}

/// Applications/ImageModel.swift
func example7() async throws {
  let model = try ResNet50()
  for guess in try model.classify(Image(contentsOf: "elephant.jpg"), top: 3) {
    print(guess.label, guess.probability)
  }
  _ = (model)
}

/// Applications/Search/FeatureIndex.swift
func example8() async throws {
  let model = try MobileNet()
  let index = try FeatureIndex(contentsOf: "photos.npz")  // which `keras features` wrote
  let photo = try model.features([Image(contentsOf: "cat.jpg")], pooling: .average)
  for match in try index.nearest(to: photo, count: 5)[0] { print(match.file ?? "", match.similarity) }
  _ = (index, photo)
}

/// Applications/Search/IdenticalFiles.swift
func example9() async throws {
  for copies in try IdenticalFiles.groups(among: ["a.jpg", "b.jpg", "c.jpg"]) { print(copies) }
}

/// Sources/KerasCore/Data/Batch.swift
func example10() async throws {
  struct Numbers: DataSource {
    var batchCount: Int? { 100 }
    func batches(inEpoch epoch: Int) -> BatchStream {
      var number = 0
      return BatchStream {
        guard number < 100 else { return nil }
        defer { number += 1 }
        return Batch(Tensor(zeros: [32, 8]), Tensor(zeros: [32, 1]))
      }
    }
  }
}

/// Sources/KerasCore/JSON.swift
func example11() async throws {
  let config: JSON = ["units": 10, "activation": "softmax", "rate": 0.5]
  let units = config["units"]?.integer
  let same = try JSON(parsing: config.text())
  _ = (config, units, same)
}

/// Sources/KerasCore/Random/NumPyRandom.swift
func example12() async throws {
  var random = NumPyRandom(seed: 113)
  let order = random.permutation(5)
  _ = (order)
}

/// Sources/KerasCore/Random/PythonRandom.swift
func example13() async throws {
  var random = PythonRandom(seed: 7)
  let dice = (0..<3).map { _ in random.integer(in: 1...6) }
  _ = (dice)
}

/// Sources/KerasCore/Tensor.swift
func example14() async throws {
  let x = Tensor([[1.0, 2], [3, 4]])
  let y: [Float] = x.scalars()
  _ = (x, y)
}

/// Sources/KerasCore/TensorLiteral.swift
func example15() async throws {
  let x = Tensor([[0.5, 1], [2, 3]])            // float32, [2, 2]
  let tokens = Tensor([[7, 1, 4]])              // int32, [1, 3]
  let exact = Tensor([0.1, 0.2], dataType: .float64)
  _ = (x, tokens, exact)
}

/// Sources/KerasCore/TensorLiteral.swift
func example16() async throws {
  let x = try Tensor([0.1, 0.2, 0.3], shape: [1, 3])   // float32
  _ = (x)
}

/// Sources/KerasCore/Text/StringTensor.swift
func example17() async throws {
  let words = try StringTensor([["the", "fox"], ["a", "dog"]])
  _ = (words)
}

/// Sources/KerasFiles/FileInspection.swift
func example18() async throws {
  print(try FileInspection(path: "mobilenet_2_5_224_tf.h5").table)
}

/// Sources/KerasFiles/NumPy/NumPy+Streaming.swift
func example19() async throws {
  let archive = try NumPyArchive("features.npz")
  let vectors = try archive.tensor("features")  // [count, 1024]
  let files = try archive.texts("files")
  _ = (archive, vectors, files)
}

/// Sources/KerasFiles/NumPy/NumPy.swift
func example20() async throws {
  let probabilities = Tensor(zeros: [32, 10])
  let digits = try NumPy.loadArchive("mnist.npz")
  print(digits["x_train"]?.shape ?? [])
  try NumPy.save(probabilities, to: "probabilities.npy")
  _ = (digits)
}

/// Sources/KerasFiles/WeightDifferences.swift
func example21() async throws {
  let differences = try WeightDifferences(between: "epoch-1.keras", and: "epoch-2.keras")
  print(differences.areNone ? "the same" : differences.table)
  _ = (differences)
}

/// Sources/KerasFineTuning/ClassificationReport.swift
func example22() async throws {
  let classifier = try ImageModel(contentsOf: "insects.keras")
  let pictures = try TensorData([Tensor(zeros: [8, 224, 224, 3])], [Tensor(zeros: [8])])
  let report = try classifier.classificationReport(on: pictures)
  print(report.accuracy, report.classes[0].recall, report.confusion)
  for sample in report.mistakes.prefix(10) { print(sample.number, sample.guess) }
  _ = (classifier, pictures, report)
}

/// Sources/KerasFineTuning/FineTuning.swift
func example23() async throws {
  let names = ClassLabels.imageNet
  let pictures = try TensorData([Tensor(zeros: [2, 224, 224, 3])], [Tensor(zeros: [2])])
  let others = try TensorData([Tensor(zeros: [2, 224, 224, 3])], [Tensor(zeros: [2])])
  let base = try MobileNet(includeTop: false)
  let tuning = try FineTuning(base, labels: names, seed: 1)
  try tuning.trainHead(on: pictures, validation: others, epochs: 50)
  try tuning.trainTop(from: "conv_pw_12", on: pictures, validation: others, epochs: 5)
  try tuning.model.save(to: "insects.keras")
  _ = (base, tuning)
}

/// Sources/KerasFineTuning/PreprocessedData.swift
func example24() async throws {
  let base = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, includeTop: false, weights: .none)
  let pixels = try TensorData([Tensor(zeros: [8, 32, 32, 3])], [Tensor([0, 1, 0, 1, 0, 1, 0, 1])])
  let pictures = pixels.augmented(by: [RandomFlip(.horizontal), RandomBrightness(0.2)]).preprocessed(for: base)
  _ = (base, pixels, pictures)
}

/// Sources/KerasGraph/Formulas/Arithmetic.swift
func example25() async throws {
  let a = Input(shape: [8])
  let b = Input(shape: [8])
  let x = Tensor(zeros: [8, 8])
  let y = try 1 - x * 0.5          // of tensors; shapes that do not broadcast are thrown
  let z = (a + b) / 2              // of symbolic tensors and recorded values; errors wait for whoever uses `z`
  let isLarge = try x .> 0.5       // comparisons have a point, as those of Swift's SIMD types
  _ = (y, z, isLarge)
}

/// Sources/KerasGraph/Formulas/RecordedValue.swift
func example26() async throws {
  final class Example: Layer, @unchecked Sendable {
    override func call(_ input: Value, in context: CallContext) throws -> Value {
      let x = context[input]
      return try ((x - 1) * context[weight("scale")]).value
    }
  }
}

/// Sources/KerasGraph/Operations/Einsum.swift
func example27() async throws {
  let graph = GraphBuilder()
  let x = graph.input(TensorSpec([1, 1, 1]))
  let kernel = graph.input(TensorSpec([1, 1, 1]))
  let q = graph.input(TensorSpec([1, 1, 1, 1]))
  let k = graph.input(TensorSpec([1, 1, 1, 1]))
  _ = try graph.einsum("bth,hd->btd", x, kernel)     // a dense layer
  _ = try graph.einsum("btnh,bsnh->bnts", q, k)      // attention scores of several heads
  _ = try graph.einsum("...ij->...ji", x)            // transposed matrices
}

/// Sources/KerasGraph/Profile.swift
func example28() async throws {
  let images = Tensor(zeros: [1, 224, 224, 3])
  let model = try MobileNet()
  let program = try model.program(for: [[1, 224, 224, 3]])
  for row in try program.profile([images], repeats: 30).rows { print(row.step.layer, row.seconds) }
  _ = (program)
}

/// Sources/KerasLayers/Activations/ActivationFunction.swift
func example29() async throws {
  _ = Dense(units: 10, activation: .softmax)
  _ = Dense(units: 10, activation: .leakyRelu(negativeSlope: 0.3))
  ActivationFunction.register("my_package>cube") { x, graph in
    try graph.multiply(x, graph.unary(.square, x))
  }
  _ = Dense(units: 10, activation: .custom("my_package>cube"))
}

/// Sources/KerasLayers/Attention/Attention.swift
func example30() async throws {
  let decoder = Input(shape: [4, 8])
  let encoder = Input(shape: [16, 8])
  let context = Attention(usesScale: true)(query: decoder, value: encoder)
  _ = (context)
}

/// Sources/KerasLayers/Attention/MultiHeadAttention.swift
func example31() async throws {
  let x = Input(shape: [16, 8])
  let attended = MultiHeadAttention(heads: 8, keySize: 64)(query: x, value: x, usesCausalMask: true)
  _ = (attended)
}

/// Sources/KerasLayers/Augmentation/Augmentation.swift
func example32() async throws {
  let model = Sequential {
    Input(shape: [224, 224, 3])
    RandomFlip(.horizontal)
    RandomRotation(0.1)
    Rescaling(scale: 1 / 255.0)
    Flatten()
    Dense(units: 5, activation: .softmax)
  }
  _ = (model)
}

/// Sources/KerasLayers/Augmentation/Factor.swift
func example33() async throws {
  let little = RandomRotation(0.05)            // from −0.05 to 0.05 of a turn
  let right = RandomRotation(.range(0, 0.25))  // up to a quarter of a turn, one way
  _ = (little, right)
}

/// Sources/KerasLayers/Configuration/Setting.swift
func example34() async throws {
  final class Scale: Layer, @unchecked Sendable {
    @Setting("factor") private(set) var factor: Double

    init(factor: Double = 2, name: String? = nil) {
      super.init(name: name)
      self.factor = factor
    }
    override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
      try context.graph.unary(.linear(scale: Float(factor), offset: 0), x)
    }
  }
  Layers.register("Scale") { settings in Scale(name: settings.name) }
}

/// Sources/KerasLayers/Convolutional/Convolution.swift
func example35() async throws {
  let sequence = Input(shape: [16, 8])
  let x = Conv1D(filters: 32, kernelSize: 2, padding: .causal, dilationRate: 4)(sequence)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/Convolution.swift
func example36() async throws {
  let image = Input(shape: [32, 32, 3])
  let x = Conv2D(filters: 64, kernelSize: 3, padding: .same, activation: .relu)(image)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/Convolution.swift
func example37() async throws {
  let clip = Input(shape: [8, 16, 16, 3])
  let x = Conv3D(filters: 8, kernelSize: [1, 3, 3])(clip)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/DepthwiseConvolution.swift
func example38() async throws {
  let sequence = Input(shape: [16, 8])
  let x = DepthwiseConv1D(kernelSize: 3, depthMultiplier: 2)(sequence)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/DepthwiseConvolution.swift
func example39() async throws {
  let image = Input(shape: [32, 32, 3])
  let x = DepthwiseConv2D(kernelSize: 3, padding: .same)(image)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/SeparableConvolution.swift
func example40() async throws {
  let sequence = Input(shape: [16, 8])
  let x = SeparableConv1D(filters: 32, kernelSize: 5)(sequence)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/SeparableConvolution.swift
func example41() async throws {
  let image = Input(shape: [32, 32, 3])
  let x = SeparableConv2D(filters: 728, kernelSize: 3, padding: .same, usesBias: false)(image)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/TransposedConvolution.swift
func example42() async throws {
  let sequence = Input(shape: [16, 8])
  let x = Conv1DTranspose(filters: 8, kernelSize: 4, strides: 2, padding: .same)(sequence)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/TransposedConvolution.swift
func example43() async throws {
  let image = Input(shape: [32, 32, 3])
  let x = Conv2DTranspose(filters: 32, kernelSize: 3, strides: 2, padding: .same)(image)
  _ = (x)
}

/// Sources/KerasLayers/Convolutional/TransposedConvolution.swift
func example44() async throws {
  let clip = Input(shape: [8, 16, 16, 3])
  let x = Conv3DTranspose(filters: 8, kernelSize: 2, strides: [1, 2, 2])(clip)
  _ = (x)
}

/// Sources/KerasLayers/Core/Dense.swift
func example45() async throws {
  let features = Input(shape: [7, 7, 64])
  let scores = Dense(units: 10, activation: .softmax)(features)
  _ = (scores)
}

/// Sources/KerasLayers/Core/EinsumDense.swift
func example46() async throws {
  let heads = 8
  let size = 64
  _ = EinsumDense("abc,cde->abde", outputShape: [nil, heads, size], biasAxes: "de")   // projects to several heads
  _ = EinsumDense("...x,xy->...y", outputShape: [64], biasAxes: "y")                  // as Dense
}

/// Sources/KerasLayers/Core/Embedding.swift
func example47() async throws {
  let words = Input(shape: [16], dataType: .int32)
  let vectors = Embedding(inputDimension: 10_000, outputDimension: 64, masksZero: true)(words)
  _ = (vectors)
}

/// Sources/KerasLayers/Core/Lambda.swift
func example48() async throws {
  let input = Input(shape: [8])
  let doubled = Lambda { x, graph in try graph.add(x, x) }(input)

  Lambda.register("antirectifier") { x, graph in
    let centered = try graph.binary(.subtract, x, graph.mean(x, axes: [-1], keepsDimensions: true))
    return try graph.concatenate([
      graph.unary(.relu, centered), graph.unary(.relu, graph.unary(.negate, centered)),
    ])
  }
  let model = try Model(inputs: input, outputs: Lambda("antirectifier")(input))
  _ = (doubled, model)
}

/// Sources/KerasLayers/Core/LowRankAdaptation.swift
func example49() async throws {
  let layer = Dense(units: 512, loraRank: 8)
  try layer.enableLoRA(rank: 8, alpha: 16)  // or later, of a layer that is built
  _ = (layer)
}

/// Sources/KerasLayers/Engine/Layer.swift
func example50() async throws {
  final class Scale: Layer, @unchecked Sendable {
    override func build(for inputs: [TensorSpec]) throws {
      addWeight("scale", shape: [try knownLength(-1, of: inputs[0])], initializer: .ones)
    }
    override func call(_ x: Value, in context: CallContext) throws -> Value {
      try context.graph.multiply(x, context.value(of: weight("scale")))
    }
  }
}

/// Sources/KerasLayers/Engine/LayerRegistry.swift
func example51() async throws {
  Layers.register("Scale") { settings in Scale(name: settings.name) }
}

/// Sources/KerasLayers/Engine/StepRecorder.swift
func example52() async throws {
  let layer = Dense(units: 10)
  let recorder = StepRecorder(isTraining: true, seed: 1)
  let (x, y) = (recorder.input(TensorSpec([32, 784])), recorder.input(TensorSpec([32, 10])))
  let scores = try recorder.call(layer, on: [x]).outputs[0]
  let graph = recorder.graph
  let loss = try graph.reduce(.mean, graph.unary(.square, graph.binary(.subtract, scores, y)), axes: [0, 1])
  let weights = layer.trainableWeights
  for (weight, gradient) in zip(weights, try recorder.gradients(of: loss, by: weights)) {
    let change = try graph.unary(.linear(scale: -0.01, offset: 0), gradient)
    try recorder.assign(graph.add(recorder.value(of: weight), change), to: weight)
  }
  let step = try recorder.finish(returning: [loss])
  _ = (recorder, scores, graph, loss, weights, step)
}

/// Sources/KerasLayers/Initializers/Initializer.swift
func example53() async throws {
  Initializers.registry.register("my_package>Checkerboard") { _ in Checkerboard() }
}

/// Sources/KerasLayers/LocallyConnected/LocallyConnected.swift
func example54() async throws {
  let sequence = Input(shape: [16, 8])
  let x = LocallyConnected1D(filters: 8, kernelSize: 3)(sequence)
  _ = (x)
}

/// Sources/KerasLayers/LocallyConnected/LocallyConnected.swift
func example55() async throws {
  let image = Input(shape: [32, 32, 3])
  let x = LocallyConnected2D(filters: 8, kernelSize: 3)(image)
  _ = (x)
}

/// Sources/KerasLayers/Merging/Dot.swift
func example56() async throws {
  let question = Input(shape: [16, 8])
  let answer = Input(shape: [16, 8])
  let similarity = Dot(axes: 1, normalizes: true)([question, answer])   // the cosine
  _ = (similarity)
}

/// Sources/KerasLayers/Normalization/SpectralNormalization.swift
func example57() async throws {
  let images = Input(shape: [32, 32, 3])
  let x = SpectralNormalization(Conv2D(filters: 8, kernelSize: 3))(images)
  _ = (x)
}

/// Sources/KerasLayers/Preprocessing/IntegerLookup.swift
func example58() async throws {
  let lookup = try IntegerLookup(vocabulary: [12, 36, 1138, 42])   // 12 → 1, 36 → 2, …; all others → 0
  _ = (lookup)
}

/// Sources/KerasLayers/Preprocessing/Normalization.swift
func example59() async throws {
  let trainingData = Tensor(zeros: [32, 8])
  let normalize = Normalization()
  try normalize.adapt(to: trainingData)
  _ = (normalize)
}

/// Sources/KerasLayers/Preprocessing/StringLookup.swift
func example60() async throws {
  let lookup = try StringLookup(vocabulary: ["the", "fox"])
  let numbers = try lookup(StringTensor([["the", "dog"]]))     // [[1, 0]]
  _ = (lookup, numbers)
}

/// Sources/KerasLayers/Preprocessing/TextVectorization.swift
func example61() async throws {
  let vectorize = try TextVectorization(vocabulary: ["the", "fox"], sequenceLength: 4)
  let numbers = try vectorize(StringTensor(["The fox.", "A dog, the fox"]))     // [[2, 3, 0, 0], [1, 1, 2, 3]]
  _ = (vectorize, numbers)
}

/// Sources/KerasLayers/Recurrent/BasicRecurrentLayer.swift
func example62() async throws {
  let sequences = Input(shape: [16, 8])
  let last = SimpleRNN(units: 32)(sequences)
  _ = (last)
}

/// Sources/KerasLayers/Recurrent/BasicRecurrentLayer.swift
func example63() async throws {
  let sequences = Input(shape: [16, 8])
  let states = LSTM(units: 128, returnsState: true).apply(to: [sequences])
  _ = (states)
}

/// Sources/KerasLayers/Recurrent/BasicRecurrentLayer.swift
func example64() async throws {
  let sequences = Input(shape: [16, 8])
  let steps = GRU(units: 128, returnsSequences: true)(sequences)
  _ = (steps)
}

/// Sources/KerasLayers/Recurrent/ConvLSTM.swift
func example65() async throws {
  let clips = Input(shape: [8, 16, 16, 3])
  let next = ConvLSTM2D(filters: 16, kernelSize: 3, padding: .same)(clips)
  _ = (next)
}

/// Sources/KerasLayers/Recurrent/RNN+InitialState.swift
func example66() async throws {
  let words = Input(shape: [16], dataType: .int32)
  let question = Input(shape: [16, 8])
  let encoded = LSTM(units: 64, returnsState: true).apply(to: [question])
  let decoder = LSTM(units: 64, returnsSequences: true)
  let answer = decoder.apply(to: words, initialState: Array(encoded.dropFirst()))[0]
  _ = (encoded, decoder, answer)
}

/// Sources/KerasLayers/Recurrent/RNN.swift
func example67() async throws {
  let sequences = Input(shape: [16, 8])
  let last = RNN([LSTMCell(units: 64), GRUCell(units: 32)])(sequences)
  _ = (last)
}

/// Sources/KerasLayers/Recurrent/RecurrentCellLayer.swift
func example68() async throws {
  let sequences = Input(shape: [16, 8])
  /// h = tanh(x · kernel + h), after which half of h is forgotten.
  final class Fading: RecurrentCellLayer, @unchecked Sendable {
    let units: Int
    init(units: Int, name: String? = nil) {
      self.units = units
      super.init(name: name)
    }
    override var config: JSONObject { ["units": .integer(units)] }
    override func stateShapes(for input: TensorSpec) throws -> [[Int]] { [[units]] }
    override func build(for inputs: [TensorSpec]) throws {
      let features = try knownLength(-1, of: inputs[0])
      addWeight("kernel", shape: [features, units], initializer: .glorotUniform)
    }
    override func step(
      _ input: Value, states: [Value], in context: CallContext
    ) throws -> (output: Value, states: [Value]) {
      let graph = context.graph
      let product = try graph.matrixMultiply(input, context.value(of: weight("kernel")))
      let h = try graph.unary(.tanh, graph.add(product, states[0]))
      return (h, [try graph.unary(.linear(scale: 0.5, offset: 0), h)])
    }
  }
  let last = RNN(Fading(units: 16))(sequences)
  _ = (last)
}

/// Sources/KerasLayers/Reshaping/Permute.swift
func example69() async throws {
  let x = Input(shape: [64, 10])
  let y = Permute([2, 1])(x)  // [batch, 10, 64] to [batch, 64, 10]
  _ = (y)
}

/// Sources/KerasLayers/Reshaping/Reshape.swift
func example70() async throws {
  let features = Input(shape: [7, 7, 64])
  let x = Reshape([7, 7, -1])(features)
  _ = (x)
}

/// Sources/KerasLayers/Reshaping/UpSampling.swift
func example71() async throws {
  let features = Input(shape: [7, 7, 64])
  let x = UpSampling2D(2, interpolation: .bilinear)(features)
  _ = (x)
}

/// Sources/KerasLayers/Wrappers/Bidirectional.swift
func example72() async throws {
  let words = Input(shape: [16], dataType: .int32)
  let sentence = Bidirectional(LSTM(units: 64))(words)      // [batch, 128]
  _ = (sentence)
}

/// Sources/KerasLayers/Wrappers/TimeDistributed.swift
func example73() async throws {
  let clips = Input(shape: [8, 16, 16, 3])
  let features = TimeDistributed(Conv2D(filters: 8, kernelSize: 3))(clips)
  _ = (features)
}

/// Sources/KerasModels/Model+Cost.swift
func example74() async throws {
  let cost = try ResNet50(weights: .none).cost(for: [[1, 224, 224, 3]])
  print(cost.multiplyAdds, cost.memoryByteCount, try cost.measuredSeconds())
  _ = (cost)
}

/// Sources/KerasModels/Model+Intermediate.swift
func example75() async throws {
  let x = Tensor(zeros: [8, 8])
  let y = try Dense(units: 3)(x)
  _ = (y)
}

/// Sources/KerasModels/Model+NamedInputs.swift
func example76() async throws {
  let question = Input(shape: [16, 8])
  let answer = Input(shape: [16, 8])
  let text = Input(shape: [16, 8])
  let q = Tensor(zeros: [1, 16, 8])
  let t = Tensor(zeros: [1, 16, 8])
  let model = try Model(inputs: ["question": question, "text": text], outputs: ["answer": answer])
  let found = try model.predictByName(["question": q, "text": t])["answer"]
  _ = (model, found)
}

/// Sources/KerasModels/Model.swift
func example77() async throws {
  let image = Input(shape: [224, 224, 3])
  let scores = Dense(units: 10, activation: .softmax)(Flatten()(image))
  let model = try Model(inputs: image, outputs: scores)
  _ = (image, scores, model)
}

/// Sources/KerasModels/Model.swift
func example78() async throws {
  final class Classifier: Model, @unchecked Sendable {
    let hidden = Dense(units: 64, activation: .relu)
    let scores = Dense(units: 10, activation: .softmax)
    override func call(_ x: Value, in context: CallContext) throws -> Value {
      try context.apply(scores, to: context.apply(hidden, to: x))
    }
  }
}

/// Sources/KerasModels/Model.swift
func example79() async throws {
  final class Classifier: Model, @unchecked Sendable {
    let logits = Dense(units: 10)
    override func call(_ x: Value, in context: CallContext) throws -> Value {
      try context.apply(logits, to: x)
    }
    override func predictStep(_ inputs: [Value], in context: CallContext) throws -> [Value] {
      [try Ops.softmax(context[context.apply(self, to: inputs[0])]).value]
    }
  }
}

/// Sources/KerasModels/Operations/Ops.swift
func example80() async throws {
  let a = Input(shape: [8])
  let b = Input(shape: [8])
  let x = Tensor(zeros: [8, 8])
  let w = Tensor(zeros: [8, 8])
  let y = try Ops.softmax(Ops.matmul(x, w))              // tensors: computed at once
  let z = try Ops.concatenate([a, b], axis: -1)          // symbolic tensors: part of a model
  _ = (y, z)
}

/// Sources/KerasModels/Operations/SliceIndex.swift
func example81() async throws {
  let x = Tensor(zeros: [8, 8])
  _ = try x[0]                          // the first row
  _ = try x[0, 1..<3]                   // columns 1 and 2 of it
  _ = try x[-1, 2...]                   // negative positions count from the back
  _ = try x[SliceItem.all, 1]           // x[:, 1]
  _ = try x[..., 0]                     // the first element along the last axis
}

/// Sources/KerasModels/Operations/SliceItem.swift
func example82() async throws {
  let x = Tensor(zeros: [8, 8])
  _ = try Ops.slice(x, .all, .from(1), .ellipsis, .at(-1))
}

/// Sources/KerasModels/Sequential.swift
func example83() async throws {
  let mlp = Sequential {
    Input(shape: [784])
    Dense(units: 512, activation: .relu)
    Dropout(0.2)
    Dense(units: 10, activation: .softmax)
  }
  _ = (mlp)
}

/// Sources/KerasPreprocessing/Audio/AudioFolder.swift
func example84() async throws {
  let words = try AudioFolder("words", length: 16_000, shuffleSeed: 1)
  let data = try words.subset(.training, validationShare: 0.1).data(batchSize: 64)
  _ = (words, data)
}

/// Sources/KerasPreprocessing/Audio/WaveFile.swift
func example85() async throws {
  let sound = try WaveFile("word.wav")
  print(sound.samplingRate, sound.samples.shape)
  _ = (sound)
}

/// Sources/KerasPreprocessing/Image/Folders/ImageFolder.swift
func example86() async throws {
  let flowers = try ImageFolder("flowers", size: ImageSize(side: 224), shuffleSeed: 1)
  let training = try flowers.subset(.training, validationShare: 0.2).data(batchSize: 32)
  let validation = try flowers.subset(.validation, validationShare: 0.2).data(batchSize: 32)
  _ = (flowers, training, validation)
}

/// Sources/KerasPreprocessing/Image/Generator/ImageDataGenerator.swift
func example87() async throws {
  let generator = try ImageDataGenerator(
    rotationRange: 20, widthShiftRange: .fraction(0.1), zoomRange: 0.9...1.1, horizontalFlip: true,
    rescale: 1 / 255.0, validationSplit: 0.2)
  let warp = try generator.randomTransform(height: 64, width: 64, seed: 7)
  let changed = try generator.applying(warp, to: Tensor(zeros: [64, 64, 3]))
  _ = (generator, warp, changed)
}

/// Sources/KerasPreprocessing/Image/Generator/Table.swift
func example88() async throws {
  let table = try Table(csv: "filename,class\ncat.jpg,cat\n\"red, large.png\",dog\n")
  let files = try table.column("filename")          // ["cat.jpg", "red, large.png"]
  _ = (table, files)
}

/// Sources/KerasPreprocessing/Image/Image.swift
func example89() async throws {
  let photo = try Image(contentsOf: "elephant.jpg")
  let small = try photo.resized(to: ImageSize(height: 224, width: 224), using: .bilinear)
  let x = small.tensor()  // [224, 224, 3], 0…255
  _ = (photo, small, x)
}

/// Sources/KerasPreprocessing/Image/PreprocessingVerdict.swift
func example90() async throws {
  let verdict = try PreprocessingVerdict(of: NumPy.load("batch.npy"))
  print(verdict.mode?.rawValue ?? verdict.description)
  _ = (verdict)
}

/// Sources/KerasPreprocessing/Sequence/Categories.swift
func example91() async throws {
  let rows = try toCategorical(Tensor([0, 2] as [Int32]), classCount: 3)     // [[1, 0, 0], [0, 0, 1]]
  _ = (rows)
}

/// Sources/KerasPreprocessing/Sequence/PadSequences.swift
func example92() async throws {
  let words = try padSequences([[1, 2, 3], [4]], length: 2)     // [[2, 3], [0, 4]]
  _ = (words)
}

/// Sources/KerasPreprocessing/Sequence/SplitDataset.swift
func example93() async throws {
  let (x, y) = (Tensor(zeros: [10, 4]), Tensor(zeros: [10]))
  let parts = try splitDataset([x, y], left: .share(0.8), shuffleSeed: 1)
  _ = (parts)
}

/// Sources/KerasPreprocessing/Sequence/Timeseries.swift
func example94() async throws {
  let series = try Tensor((0..<100).map { Float($0) }).reshaped(to: [100, 1])
  // The past ten steps say what comes next.
  let data = try TimeseriesData(series.rows(0..<90), targets: series.rows(10..<100), sequenceLength: 10)
  _ = (series, data)
}

/// Sources/KerasPreprocessing/Sequence/Timeseries.swift
func example95() async throws {
  let series = try Tensor((0..<50).map { Float($0) }).reshaped(to: [50, 1])
  let data = try TimeseriesGenerator(series, targets: series, length: 10, samplingRate: 2, batchSize: 2)
  _ = (series, data)
}

/// Sources/KerasPreprocessing/Text/TextFolder.swift
func example96() async throws {
  let reviews = try TextFolder("reviews/train", shuffleSeed: 1)
  let vectorize = try TextVectorization(maxTokens: 10_000, sequenceLength: 200)
  try vectorize.adapt(to: StringTensor(reviews.texts()))
  let data = try reviews.data { try vectorize($0) }
  _ = (reviews, vectorize, data)
}

/// Sources/KerasPreprocessing/Text/Tokenizer.swift
func example97() async throws {
  var tokenizer = Tokenizer(unknownToken: "<OOV>")
  try tokenizer.fit(on: ["The fox runs.", "The dog sleeps."])
  let numbers = try tokenizer.sequences(for: ["The cat runs."])     // [[2, 1, 4]]
  _ = (numbers)
}

/// Sources/KerasPreprocessing/Text/WordSplitting.swift
func example98() async throws {
  let words = try textToWordSequence("The fox, the dog.")     // ["the", "fox", "the", "dog"]
  _ = (words)
}

/// Sources/KerasPreprocessing/Text/WordVectors.swift
func example99() async throws {
  let vectors = try WordVectors("glove.6B.100d.txt", for: ["", "[UNK]", "the", "fox"])
  let embedding = Embedding(
    inputDimension: vectors.table.shape[0], outputDimension: vectors.table.shape[1], weights: vectors.table)
  embedding.isTrainable = false
  _ = (vectors, embedding)
}

/// Sources/KerasStore/ProgressBar.swift
func example100() async throws {
  let store = WeightStore(onEvent: ProgressBar().handle)
  _ = (store)
}

/// Sources/KerasStore/WeightStore.swift
func example101() async throws {
  let store = WeightStore()
  let path = try store.path(for: WeightCatalog.file(for: "ResNet50"))
  _ = (store, path)
}

/// Sources/KerasTensorBoard/TensorBoard.swift
func example102() async throws {
  let board = TensorBoard("logs", histogramInterval: 1)
  _ = (board)
}

/// Sources/KerasTraining/Callbacks/Callback.swift
func example103() async throws {
  final class Narrator: Callback {
    override func epochEnded(_ epoch: Int, _ logs: inout Logs) { print("epoch \(epoch): \(logs)") }
  }
}

/// Sources/KerasTraining/Callbacks/RemoteMonitor.swift
func example104() async throws {
  let monitor = RemoteMonitor("http://localhost:9000")
  _ = (monitor)
}

/// Sources/KerasTraining/Callbacks/SwapEMAWeights.swift
func example105() async throws {
  let averaged = SwapEMAWeights(swapsOnEpoch: true)
  _ = (averaged)
}

/// Sources/KerasTraining/Data/AugmentedData.swift
func example106() async throws {
  let pictures = try TensorData([Tensor(zeros: [8, 32, 32, 3])], [Tensor(zeros: [8, 5])])
  let augmented = pictures.augmented(by: [RandomFlip(.horizontal), MixUp()], seed: 7)
  _ = (pictures, augmented)
}

/// Sources/KerasTraining/Estimators/EstimatorSettings.swift
func example107() async throws {
  let build: ModelBuilder = { settings in
    let units = try settings.integer("units")
    let model = Sequential {
      Dense(units: units, activation: .relu)
      Dense(units: 1)
    }
    try model.compile(optimizer: .named(settings.text("optimizer")), loss: .meanSquaredError)
    return model
  }
  _ = (build)
}

/// Sources/KerasTraining/Estimators/GridSearch.swift
func example108() async throws {
  let classifier = KerasClassifier(settings: ["epochs": 2]) { settings in
    let units = try settings.integer("units")
    let model = Sequential {
      Dense(units: units, activation: .relu)
      Dense(units: 2, activation: .softmax)
    }
    try model.compile(
      optimizer: .named(settings.text("optimizer")), loss: .sparseCategoricalCrossentropy)
    return model
  }
  let search = GridSearch(classifier, over: ["units": [4, 8], "optimizer": ["adam", "sgd"], "epochs": [1, 2]])
  let x = Tensor(repeating: 0.5, shape: [12, 4])
  let y = Tensor((0..<12).map { Int32($0 % 2) })
  let found = try search.fit(x, y, folds: 3)
  print(found)                                            // a table
  let best = try found.estimator.predict(x)
  _ = (classifier, search, x, y, found, best)
}

/// Sources/KerasTraining/Estimators/KerasClassifier.swift
func example109() async throws {
  let classifier = KerasClassifier(settings: ["units": 16, "epochs": 5]) { settings in
    let units = try settings.integer("units")
    let model = Sequential {
      Dense(units: units, activation: .relu)
      Dense(units: 3, activation: .softmax)
    }
    try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
    return model
  }
  let x = Tensor(repeating: 0.5, shape: [30, 4])
  let y = Tensor((0..<30).map { Int32(10 * ($0 % 3)) })
  try classifier.fit(x, y)
  let classes = try classifier.predict(x)                // 0, 10 or 20
  let accuracy = try classifier.score(x, y)
  _ = (classifier, x, y, classes, accuracy)
}

/// Sources/KerasTraining/Estimators/KerasRegressor.swift
func example110() async throws {
  let regressor = KerasRegressor(settings: ["rate": 0.1, "epochs": 5]) { settings in
    let model = Sequential { Dense(units: 1) }
    try model.compile(
      optimizer: .sgd(learningRate: .constant(settings.number("rate"))), loss: .meanSquaredError)
    return model
  }
  let (x, y) = (Tensor(repeating: 0.5, shape: [30, 4]), Tensor(zeros: [30]))
  try regressor.fit(x, y)
  let found = try regressor.predict(x)                    // [30]
  _ = (regressor, found)
}

/// Sources/KerasTraining/Losses/Loss.swift
func example111() async throws {
  final class Quantile: Loss, @unchecked Sendable {
    @Setting("quantile") private(set) var quantile: Double
    init(_ quantile: Double = 0.5) {
      super.init(name: "quantile")
      self.quantile = quantile
    }
    override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
      let error = target - prediction
      return LossValues((error * quantile).combined(.maximum, with: error * (quantile - 1)).mean(axes: [-1]))
    }
  }
  Losses.registry.register("Quantile") { _ in Quantile() }
}

/// Sources/KerasTraining/Metrics/Metric.swift
func example112() async throws {
  final class Bias: MeanMetric, @unchecked Sendable {
    init() { super.init(name: "bias") }
    override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
      LossValues(prediction - target)
    }
  }
}

/// Sources/KerasTraining/Optimizers/LearningRate.swift
func example113() async throws {
  let steady: LearningRate = 1e-3
  let falling: LearningRate = .schedule(.cosineDecay(initialRate: 0.1, steps: 10_000))
  _ = (steady, falling)
}

/// Sources/KerasTraining/Optimizers/MultiOptimizer.swift
func example114() async throws {
  let both = MultiOptimizer(.adam(learningRate: 1e-3), for: [".*/embeddings": .sgd(learningRate: 0.1)])
  _ = (both)
}

/// Sources/KerasTraining/Optimizers/Optimizer.swift
func example115() async throws {
  final class SignDescent: Optimizer, @unchecked Sendable {
    init(learningRate: LearningRate = 1e-3) { super.init(name: "sign_descent", learningRate: learningRate) }
    override func update(_ weight: WeightUpdate) {
      weight.value = weight.value - weight.gradient.applying(.sign) * weight.learningRate
    }
  }
  Optimizers.registry.register("SignDescent") { _ in SignDescent() }
}

/// Sources/KerasTraining/Schedules/LearningRateSchedule.swift
func example116() async throws {
  final class Halving: LearningRateSchedule, @unchecked Sendable {
    override func rate(at step: RecordedValue) -> RecordedValue { (step * -0.01).applying(.exponential) * 0.1 }
  }
}

/// Sources/KerasTraining/Training/CustomTraining.swift
func example117() async throws {
  final class Pulled: Model, CustomTraining, @unchecked Sendable {
    let hidden = Dense(units: 4)
    override func call(_ x: Value, in context: CallContext) throws -> Value { try context.apply(hidden, to: x) }
    func trainStep(_ step: TrainingStep) throws {
      let predictions = try step.predictions()
      let loss = try step.loss(of: predictions) + predictions.outputs[0].mean() * 0.1
      try step.minimize(loss)
      try step.log("loss", loss)
    }
  }
}

/// Sources/KerasTraining/Training/GradientFunction.swift
func example118() async throws {
  let model = Sequential { Dense(units: 1) }
  let differentiate = GradientFunction(by: model.trainableWeights) { step in
    let error = try step.call(model, step.inputs[0]) - step.inputs[1]
    return (error * error).mean()
  }
  let optimizer = Adam()
  let (x, y) = (Tensor(zeros: [8, 3]), Tensor(repeating: 1, shape: [8, 1]))
  for _ in 0..<3 {
    let (loss, gradients) = try differentiate(x, y)
    try optimizer.apply(gradients, to: model.trainableWeights)
    print(loss)
  }
  _ = (model, differentiate, optimizer)
}

/// Sources/KerasTraining/Training/History+Plot.swift
func example119() async throws {
  try History(contentsOfCSV: "training.csv").plot(to: "curves.svg")
}

/// Sources/KerasTraining/Training/Model+Compile.swift
func example120() async throws {
  let model = try MobileNet()
  try model.compile(
    optimizer: .adam(learningRate: 1e-3), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
}

/// Sources/KerasTraining/Training/Model+Compile.swift
func example121() async throws {
  let model = Sequential { Dense(units: 1) }
  try model.compile(optimizer: .sgd()) { step in
    let error = try step.predictions().outputs[0] - step.targets[0]
    let loss = (error * error).mean()
    try step.minimize(loss)
    try step.log("loss", loss)
  }
  _ = (model)
}

/// Sources/KerasTraining/Training/Model+Profile.swift
func example122() async throws {
  let labels = Tensor((0..<32).map { Int32($0 % 10) })
  let model = Sequential { Input(shape: [8]); Dense(units: 10, activation: .softmax) }
  try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
  let profile = try model.profileTraining(on: Batch(Tensor(zeros: [32, 8]), labels), repeats: 20)
  for (operation, count, seconds) in profile.totals { print(operation, count, seconds) }
  _ = (labels, model, profile)
}

/// Sources/KerasTraining/Training/TrainingStep.swift
func example123() async throws {
  let teacher = Sequential { Dense(units: 3) }
  let student = Sequential { Dense(units: 3) }
  try student.compile(optimizer: .adam(), metrics: [.accuracy]) { step in
    let wanted = try Ops.softmax(step.call(teacher, step.inputs[0], training: false) / 2)
    let predictions = try step.predictions()
    let found = try Ops.softmax(predictions.outputs[0] / 2)
    let loss = try Loss.klDivergence.record(wanted, found)
    try step.minimize(loss)
    try step.log("loss", loss)
    try step.measure(predictions)
  }
  _ = (teacher, student)
}

/// Weights/ClassLabels.swift
func example124() async throws {
  let label = ClassLabels.imageNet[386]                       // n02504458 African_elephant
  let mine = try ClassLabels(contentsOf: "ants-bees.txt")
  _ = (label, mine)
}

/// Weights/WeightCatalog.swift
func example125() async throws {
  let file = try WeightCatalog.file(for: "MobileNet", includesTop: true, alpha: 0.25, rows: 224)
  _ = (file)
}
