// What the documentation shows, as it shows it. Do not edit: change the page, and let
// KERAS_WRITE_SNIPPETS=1 swift test --filter KerasDocumentationTests write this file again.

import Foundation
import Keras
import Testing

@Suite struct READMEmd {
  /// README.md, line 90
  func snippet1() async throws {
    let images = [Image]()

    let model = try ResNet50()                                    // ImageNet weights, from ~/.keras/models
    let image = try Image(contentsOf: "elephant.jpg")
    for guess in try model.classify(image, top: 3) { print(guess.label, guess.probability) }

    // Weights of a file instead of the published ones
    let mine = try MobileNet(alpha: 0.25, weights: .file("mobilenet_2_5_224_tf.h5"))

    // Features of many pictures, [count, 512]
    let extractor = try VGG16(includeTop: false, pooling: .average)
    let features = try extractor.predict(extractor.preprocess(images))

    // Any inner layer, sharing the weights
    let taps = try Model(inputs: model.input, outputs: model.layer(named: "conv4_block6_out").output())
    _ = (images, model, image, mine, extractor, features, taps)
  }

  /// README.md, line 113
  func snippet2() async throws {
    let faces = Tensor(zeros: [1, 64, 64, 1])
    let mlp = Sequential {
      Input(shape: [784])
      Dense(units: 512, activation: .relu)
      Dropout(0.2)
      Dense(units: 10, activation: .softmax)
    }
    try mlp.save(to: "mlp.keras")                                 // Python Keras opens it

    let emotion = try Model.load(from: "fer2013_mini_XCEPTION.hdf5")   // Keras 1, 2, 3: .h5, .keras, JSON
    print(try emotion.summary(), try emotion.predict(faces))
    _ = (faces, mlp, emotion)
  }

  /// README.md, line 129
  func snippet3() async throws {
    try ResNet50().save(to: "resnet.keras")
    let again = try ImageModel(contentsOf: "resnet.keras")        // classifies as before
    let flowers = try ImageModel(contentsOf: "flowers.keras", preprocessing: .unit)   // a model that was never told
    _ = (again, flowers)
  }
}

@Suite struct ApplicationsREADMEmd {
  /// Applications/README.md, line 7
  func snippet1() async throws {
    let model = try EfficientNetB0()                          // fetched once, into ~/.keras/models
    let features = try ConvNeXtTiny(includeTop: false, pooling: .average)
    let small = try MobileNetV3Small(alpha: 0.75)
    let older = try ResNetRS101.setting("weights", to: "imagenet-i160")()
    _ = (model, features, small, older)
  }
}

@Suite struct DocumentationCostsmd {
  /// Documentation/Costs.md, line 36
  func snippet1() async throws {
    let model = try ResNet50(weights: .none)
    let cost = try model.cost(for: [[1, 224, 224, 3]])
    print(cost.parameterCount, cost.multiplyAdds, cost.memoryByteCount)
    print(try cost.measuredSeconds())
    _ = (model, cost)
  }

  /// Documentation/Costs.md, line 72
  func snippet2() async throws {
    let (model, images) = (try ResNet50(), Tensor(zeros: [1, 224, 224, 3]))
    let program = try model.program(for: [[1, 224, 224, 3]], options: ComputeOptions(purpose: .throughput))
    for row in try program.profile([images], repeats: 30).rows.sorted(by: { $0.seconds > $1.seconds }) {
      print(row.step.layer, row.step.operation, row.step.outputs, row.seconds)
    }
    _ = (program)
  }
}

@Suite struct DocumentationCustomLayersmd {
  /// Documentation/CustomLayers.md, line 11
  @Test func snippet1() async throws {
    final class Antirectifier: Layer, @unchecked Sendable {
      override func call(_ input: Value, in context: CallContext) throws -> Value {
        let x = context[input]
        let scaled = try Ops.normalize(x - x.mean(axis: -1, keepsDimensions: true))
        return try Ops.concatenate([Ops.relu(scaled), Ops.relu(-scaled)]).value
      }
    }
  }

  /// Documentation/CustomLayers.md, line 26
  @Test func snippet2() async throws {
    final class Gate: Layer, @unchecked Sendable {
      @Setting("sharpness") private(set) var sharpness: Double
      @Setting("balance", .initializer) private(set) var balanceInitializer: any Initializer

      init(sharpness: Double = 1, balanceInitializer: any Initializer = .zeros, name: String? = nil) {
        super.init(name: name)
        self.sharpness = sharpness
        self.balanceInitializer = balanceInitializer
      }

      override func build(for inputs: [TensorSpec]) throws {
        addWeight("balance", shape: [try knownLength(-1, of: inputs[0])], initializer: balanceInitializer)
      }

      override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
        let share = try Ops.sigmoid(context[weight("balance")] * sharpness)
        return [try (context[inputs[0]] * share + context[inputs[1]] * (1 - share)).value]
      }
    }

    Layers.register("Custom>Gate") { settings in Gate(name: settings.name) }

    let stored = Gate(sharpness: 3).serialized.json
    let gate = try Models.deserialize(stored)               // a Gate with sharpness 3
    _ = (stored, gate)
  }

  /// Documentation/CustomLayers.md, line 94
  @Test func snippet3() async throws {
    let sequences = Input(shape: [5, 3])
    final class Fading: RecurrentCellLayer, @unchecked Sendable {
      let units: Int

      init(units: Int, name: String? = nil) {
        self.units = units
        super.init(name: name)
      }

      override func stateShapes(for input: TensorSpec) throws -> [[Int]] { [[units]] }

      override func build(for inputs: [TensorSpec]) throws {
        addWeight("kernel", shape: [try knownLength(-1, of: inputs[0]), units], initializer: .glorotUniform)
      }

      override func step(
        _ input: Value, states: [Value], in context: CallContext
      ) throws -> (output: Value, states: [Value]) {
        let product = try context[input].matmul(context[weight("kernel")])
        let h = try Ops.tanh(product + context[states[0]])
        return (try h.value, [try (h * 0.5).value])
      }
    }
    let last = RNN(Fading(units: 16))(sequences)
    _ = (sequences, last)
  }
}

@Suite struct DocumentationDatasetsmd {
  /// Documentation/Datasets.md, line 7
  func snippet1() async throws {
    let digits = try MNIST.load()
    let (x, y) = (digits.training.x, digits.training.y)     // uint8 [60000, 28, 28] and [60000]
    let pictures = try CIFAR10.load()
    let reviews = try IMDB.load(words: WordSelection(wordLimit: 10_000))
    let words = try padSequences(reviews.training.x, length: 200)
    let houses = try CaliforniaHousing.load(version: .small)
    _ = (digits, pictures, reviews, words, houses)
  }
}

@Suite struct DocumentationDevicesmd {
  /// Documentation/Devices.md, line 16
  func snippet1() async throws {
    let model = try MobileNet()
    let gpu = ComputeOptions(device: "gpu")
    let classes = try model.predict(Tensor(zeros: [1, 224, 224, 3]), options: gpu)
    _ = (model, gpu, classes)
  }

  /// Documentation/Devices.md, line 102
  func snippet2() async throws {
    let model = Sequential { Input(shape: [8]); Dense(units: 10, activation: .softmax) }
    try model.compile(
      optimizer: .adam(), loss: .sparseCategoricalCrossentropy, options: ComputeOptions(device: "gpu", devices: .all))
    let (x, y) = (Tensor(zeros: [512, 8]), Tensor(repeating: 3 as Int32, shape: [512]))
    try model.fit(x, y, batchSize: 256)
    try model.fit(x, y, batchSize: 64, epochs: 2, initialEpoch: 1, devices: [0])
    _ = (model)
  }

  /// Documentation/Devices.md, line 135
  func snippet3() async throws {
    try XLADevices.join(NodeGroup(["gpu1:4000", "gpu2"], number: 1))
    let everywhere = ComputeOptions(device: "gpu", devices: .all)
    _ = (everywhere)
  }
}

@Suite struct DocumentationExplanationsmd {
  /// Documentation/Explanations.md, line 14
  func snippet1() async throws {
    let (photo, model) = (try Image(contentsOf: "photo.jpg"), try ResNet50())
    let map = try model.gradCAM(of: photo)                         // of the likeliest class
    print(map.explained.label, map.height, map.width, map[3, 3])   // 0…1, row and column
    try map.overlay(on: photo).save(to: "heat.png")

    let tench = try model.classIndex(named: "tench")
    let early = try model.gradCAM(of: photo, class: tench, at: "conv4_block6_out")
    let covered = try model.occlusion(of: photo, class: tench, patch: 32, stride: 16)
    _ = (map, tench, early, covered)
  }
}

@Suite struct DocumentationFeaturesmd {
  /// Documentation/Features.md, line 11
  func snippet1() async throws {
    let photos = [Image]()

    let model = try ResNet50()
    let vectors = try model.features(photos, pooling: .average)                    // what the classifier sees: [count, 2048]
    let inner = try model.features(photos, at: "conv4_block6_out", pooling: .average)
    let pyramid = try model.features(photos, at: ["conv2_block3_out", "conv3_block4_out", "conv4_block6_out"])
    _ = (photos, model, vectors, inner, pyramid)
  }

  /// Documentation/Features.md, line 27
  func snippet2() async throws {
    let model = try ResNet50()
    let index = try FeatureIndex(contentsOf: "photos.npz")       // or FeatureIndex(vectors, files: names)
    let query = try model.features([Image(contentsOf: "cat.jpg")], pooling: .average)
    for match in try index.nearest(to: query, count: 5)[0] { print(match.file ?? "", match.similarity) }
    for group in try index.duplicates(above: 0.95) { print(group.map(\.index)) }
    for copies in try IdenticalFiles.groups(among: ["a.jpg", "b.jpg"]) { print(copies) }  // without a model
    _ = (model, index, query)
  }
}

@Suite struct DocumentationFilesmd {
  /// Documentation/Files.md, line 13
  func snippet1() async throws {
    let model = try Model.load(from: "emotion.hdf5")          // the file's contents say what it is
    try model.save(to: "emotion.keras")
    try model.saveWeights(to: "emotion.weights.h5")
    try model.loadWeights(from: "emotion.weights.h5")
    try model.loadWeightsByName(from: "old.h5", skipsMismatches: true)
    let array = try NumPy.load("faces.npy")
    _ = (model, array)
  }
}

@Suite struct DocumentationFineTuningmd {
  /// Documentation/FineTuning.md, line 56
  @Test func snippet1() async throws {
    func pixels(_ count: Int) -> Tensor { Tensor(repeating: 0.5, shape: [count, 32, 32, 3]) }
    let base = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, includeTop: false, weights: .none)
    let pictures = try TensorData([pixels(8)], [Tensor((0..<8).map { Int32($0 % 2) })], batchSize: 4)
    let others = try TensorData([pixels(4)], [Tensor((0..<4).map { Int32($0 % 2) })], batchSize: 4)
    let names = ClassLabels(["ants", "bees"].map { ClassLabel(id: $0, name: $0) })
    let tuning = try FineTuning(base, labels: names, seed: 1)
    try tuning.trainHead(on: pictures, validation: others, epochs: 20)
    try tuning.trainTop(from: "conv_pw_13", on: pictures, validation: others, epochs: 2)
    print(tuning.best["val_accuracy"] ?? 0)
    let classifier = tuning.model
    let report = try classifier.classificationReport(on: others)
    print(report.accuracy, report.confusion, report.classes[0].f1, report.mistakes.count)
    _ = (base, pictures, others, names, tuning, classifier, report)
  }

  /// Documentation/FineTuning.md, line 79
  @Test func snippet2() async throws {
    let base = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, includeTop: false, weights: .none)
    let names = ClassLabels(["ants", "bees"].map { ClassLabel(id: $0, name: $0) })
    let tuning = try FineTuning(base, labels: names)
    let pixels = try TensorData([Tensor(repeating: 99, shape: [8, 32, 32, 3])], [Tensor((0..<8).map { Int32($0 % 2) })])
    let changing = pixels.augmented(by: [RandomFlip(.horizontal), RandomBrightness(0.2)], seed: 1)
    try tuning.trainHead(on: changing.preprocessed(for: base), epochs: 2)
    _ = (base, names, tuning, pixels, changing)
  }
}

@Suite struct DocumentationImagesmd {
  /// Documentation/Images.md, line 18
  func snippet1() async throws {
    let model = Sequential {
      Input(shape: [64, 64, 3])
      Flatten()
      Dense(units: 3, activation: .softmax)
    }
    let flowers = try ImageFolder("flowers", size: ImageSize(side: 64), shuffleSeed: 1)
    let training = try flowers.subset(.training, validationShare: 0.2).data(batchSize: 32)
    let validation = try flowers.subset(.validation, validationShare: 0.2).data(batchSize: 32)
    try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    try model.fit(training, epochs: 5, validationData: validation)
    _ = (model, flowers, training, validation)
  }

  /// Documentation/Images.md, line 46
  func snippet2() async throws {
    let flowers = try ImageFolder("flowers", size: ImageSize(side: 256))
    let view = ImageFolder.RandomView(isMirrored: true, crop: ImageSize(side: 224), seed: 1)
    let varied = try flowers.data(batchSize: 32, view: view)
    _ = (flowers, view, varied)
  }

  /// Documentation/Images.md, line 60
  @Test func snippet3() async throws {
    let classifier = Sequential {
      Input(shape: [64, 64, 3])
      RandomFlip(.horizontal)
      RandomRotation(0.05)                          // up to 1/20 of a turn, each way
      RandomZoom(.range(-0.2, 0))                   // nearer only
      Rescaling(scale: 1 / 255.0)
      Conv2D(filters: 16, kernelSize: 3, activation: .relu)
      GlobalAveragePooling2D()
      Dense(units: 3, activation: .softmax)
    }
    _ = (classifier)
  }

  /// Documentation/Images.md, line 75
  @Test func snippet4() async throws {
    let samples = try TensorData([Tensor(zeros: [8, 32, 32, 3])], [Tensor(zeros: [8, 5])])
    let mixed = samples.augmented(by: [RandomFlip(.horizontal), MixUp(alpha: 0.2)], seed: 7)
    _ = (samples, mixed)
  }

  /// Documentation/Images.md, line 91
  @Test func snippet5() async throws {
    var generator = try ImageDataGenerator(
      featurewiseCenter: true, rotationRange: 20, widthShiftRange: .fraction(0.1), zoomRange: 0.9...1.1,
      horizontalFlip: true, validationSplit: 0.2)
    try generator.fit(Tensor(zeros: [4, 32, 32, 3]))               // learns the mean
    let warp = generator.randomTransform(height: 32, width: 32, seed: 7)
    let changed = try generator.applying(warp, to: Tensor(zeros: [32, 32, 3]))
    _ = (warp, changed)
  }

  /// Documentation/Images.md, line 107
  func snippet6() async throws {
    let generator = try ImageDataGenerator(validationSplit: 0.2)
    let classes = try generator.flowFromDirectory("flowers", size: ImageSize(side: 64), subset: .training)
    let ages = try generator.flowFromTable(
      Table(contentsOf: "faces.csv"), folder: "faces", fileColumn: "file", targetColumns: ["age"])
    _ = (generator, classes, ages)
  }

  /// Documentation/Images.md, line 118
  @Test func snippet7() async throws {
    let tensor = Tensor(uninitialized: [48, 64, 3], Float.self) { pixels in
      for i in pixels.indices { pixels[i] = Float(i % 256) }
    }
    let picture = try Image(tensor: tensor, scale: false)           // array_to_img
    let png = try picture.encoded(as: .png)
    let again = try Image(data: png).tensor()                        // img_to_array
    let blurred = try Ops.gaussianBlur(again, size: [5, 5], sigma: [1.5, 1.5])
    _ = (tensor, picture, png, again, blurred)
  }
}

@Suite struct DocumentationModelsmd {
  /// Documentation/Models.md, line 11
  @Test func snippet1() async throws {
    let (images, numbers) = (Tensor(zeros: [2, 32, 32, 3]), Tensor(zeros: [2, 4]))
    let image = Input(shape: [32, 32, 3], name: "image")
    let number = Input(shape: [4], name: "number")
    var x = Conv2D(filters: 8, kernelSize: 3, activation: .relu)(image)
    x = GlobalAveragePooling2D()(x)
    let joined = Concatenate()([x, Dense(units: 8)(number)])
    let label = Dense(units: 10, activation: .softmax, name: "label")(joined)
    let score = Dense(units: 1, name: "score")(joined)
    let model = try Model(inputs: [image, number], outputs: [label, score])
    let results = try model.predict([images, numbers])
    _ = (image, number, joined, label, score, model, results)
  }

  /// Documentation/Models.md, line 28
  @Test func snippet2() async throws {
    let (x, memory) = (Input(shape: [5, 16]), Input(shape: [7, 16]))
    let y = MultiHeadAttention(heads: 8, keySize: 64)(query: x, value: memory)
    _ = (y)
  }

  /// Documentation/Models.md, line 34
  @Test func snippet3() async throws {
    let model = Sequential {
      Input(shape: [28, 28, 1])
      Flatten()
      Dense(units: 10, activation: .softmax)
    }
    try model.add(Activation(.softmax))
    try model.pop()
    _ = (model)
  }

  /// Documentation/Models.md, line 51
  @Test func snippet4() async throws {
    let x = Tensor(zeros: [2, 8])
    final class Classifier: Model, @unchecked Sendable {
      let hidden = Dense(units: 64, activation: .relu)
      let scores = Dense(units: 10, activation: .softmax)

      override func call(_ x: Value, in context: CallContext) throws -> Value {
        try context.apply(scores, to: context.apply(hidden, to: x))
      }
    }
    let model = Classifier()
    let y = try model.predict(x)
    _ = (x, model, y)
  }

  /// Documentation/Models.md, line 70
  func snippet5() async throws {
    final class Classifier: Model, @unchecked Sendable {}
    Layers.register("Custom>Classifier") { settings in Classifier(name: settings.name) }
    let again = try Model.load(from: "classifier.keras")
    _ = (again)
  }

  /// Documentation/Models.md, line 80
  func snippet6() async throws {
    let model = try ResNet50()
    print(model.layers, try model.layer(named: "label"), model.weights, model.trainableWeights)
    print(try model.layer(named: "resnet50/conv5_block3_out"))     // inside a nested model
    let inner = try model.output(of: "resnet50/conv5_block3_out")  // its output, as a tensor of this model
    print(try model.summary(expandNested: true, showsTrainable: true))
    try model.plot(to: "model.svg")
    model.layers[2].isTrainable = false                           // frozen; BatchNormalization then predicts
    let copy = try model.clone()
    let text = model.toJSON()
    let same = try Model.fromJSON(text)
    _ = (model, inner, copy, text, same)
  }

  /// Documentation/Models.md, line 101
  func snippet7() async throws {
    Session.current.setSeed(UInt64.random(in: 0 ... .max))       // other weights in every run
  }

  /// Documentation/Models.md, line 110
  @Test func snippet8() async throws {
    let model = Sequential { Input(shape: [32]); Dense(units: 16) }
    for case let dense as Dense in model.layers { try dense.enableLoRA(rank: 8, alpha: 16) }
    let fresh = Conv2D(filters: 64, kernelSize: 3, loraRank: 4)   // or from the start
    _ = (model, fresh)
  }

  /// Documentation/Models.md, line 123
  func snippet9() async throws {
    Session.current.imageDataFormat = .channelsFirst              // keras.config.set_image_data_format
    let model = try Session.withImageDataFormat(.channelsFirst) { try Model.load(from: "old.h5") }
    _ = (model)
  }
}

@Suite struct DocumentationOperationsmd {
  /// Documentation/Operations.md, line 13
  @Test func snippet1() async throws {
    let (x, w) = (Tensor([[1.0, 2, 3]]), Tensor(zeros: [3, 2]))
    let (a, b, c) = (Input(shape: [2]), Input(shape: [2]), Input(shape: [4]))
    func call(_ input: Value, in context: CallContext) throws -> Value {
      let v = try Ops.relu(context[input]).value
      return v
    }
    let y = try Ops.softmax(Ops.matmul(x, w))                 // tensors: computed at once
    let z = try Ops.concatenate([a, b], axis: -1) + c         // symbolic tensors: layers of the model
    _ = (y, z)
  }

  /// Documentation/Operations.md, line 25
  @Test func snippet2() async throws {
    let (a, b) = (Input(shape: [2]), Input(shape: [2]))
    let x = Tensor([[0.5, 1, 2], [3, 4, 5]])                  // float32; whole numbers alone would be int32
    let y = try 1 - x * 0.5 + x / x.max()                     // tensors throw what does not fit
    let large = try x .> 2                                    // comparisons have a point: .== .!= .< .<= .> .>=
    let rows = try (x.sum(axis: 0), x.mean(), x.argMax(axis: 1))
    let parts = try (x[0, 1..<3], x[..., -1], x[SliceItem.all, 1])
    let z = (a + b) / 2                                       // of symbolic tensors an error waits for the model
    print(x)
    _ = (x, y, large, rows, parts, z)
  }

  /// Documentation/Operations.md, line 51
  @Test func snippet3() async throws {
    let (pictures, logits) = (Tensor(zeros: [1, 120, 160, 3]), Tensor([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]]))
    let small = try Ops.resize(pictures, height: 96, width: 128, interpolation: .bicubic, fitting: .crop, antialiases: true)
    let best = try Ops.topK(Ops.softmax(logits), count: 5)
    _ = (small, best)
  }
}

@Suite struct DocumentationPreprocessingmd {
  /// Documentation/Preprocessing.md, line 15
  func snippet1() async throws {
    let model = try ResNet50()
    let report = try model.preprocessingReport(ofPicture: "photo.jpg")
    for stage in report.stages { print(stage.name, stage.size, stage.channels.map(\.mean)) }
    for note in report.notes { print(note) }
    try report.strip().save(to: "strip.png")

    let verdict = try PreprocessingVerdict(of: NumPy.load("batch.npy"))
    print(verdict.mode?.rawValue ?? verdict.description)
    _ = (model, report, verdict)
  }
}

@Suite struct DocumentationSequencesmd {
  /// Documentation/Sequences.md, line 8
  @Test func snippet1() async throws {
    let series = try Tensor((0..<200).map { Float($0) / 200 }).reshaped(to: [200, 1])
    // Ten steps say what comes next.
    let data = try TimeseriesData(
      series.rows(0..<190), targets: series.rows(10..<200), sequenceLength: 10, batchSize: 32, shuffleSeed: 1)
    let model = Sequential {
      Input(shape: [10, 1])
      LSTM(units: 8)
      Dense(units: 1)
    }
    try model.compile(optimizer: .adam(), loss: .meanSquaredError)
    try model.fit(data, epochs: 2, verbosity: .silent)
    _ = (series, data, model)
  }

  /// Documentation/Sequences.md, line 26
  @Test func snippet2() async throws {
    let padded = try padSequences([[1, 2, 3], [4]], length: 4, padding: .post)
    let table = try makeSamplingTable(size: 100)
    let pairs = try skipgrams([1, 2, 3, 4], vocabularySize: 5, windowSize: 1, seed: 7)
    let classes = try toCategorical(Tensor([0, 2, 1] as [Int32]))
    let unit = try normalize(Tensor([[3.0, 4]]))
    let parts = try splitDataset([padded], left: .share(0.5), shuffleSeed: 1)
    _ = (padded, table, pairs, classes, unit, parts)
  }

  /// Documentation/Sequences.md, line 44
  func snippet3() async throws {
    let words = try AudioFolder("mini_speech_commands", length: 16_000, shuffleSeed: 0)
    let data = try words.subset(.training, validationShare: 0.2).data(batchSize: 64)
    _ = (words, data)
  }

  /// Documentation/Sequences.md, line 51
  @Test func snippet4() async throws {
    let sound = Input(shape: [16_000])
    let picture = MelSpectrogram(transformLength: 256, frameStep: 128, samplingRate: 16_000, bins: 40)(sound)
    print(picture.shape)     // [batch, 40, 126]
    _ = (sound, picture)
  }
}

@Suite struct DocumentationTextmd {
  /// Documentation/Text.md, line 7
  @Test func snippet1() async throws {
    let vectorize = try TextVectorization(maxTokens: 1000, sequenceLength: 6)
    let reviews = ["A wonderful film.", "Not a wonderful film!", "What a waste"]
    try vectorize.adapt(to: StringTensor(reviews))
    let words = try vectorize(StringTensor(reviews))     // [3, 6], int64
    print(vectorize.vocabulary())                        // nil is for none; "", "[UNK]", "a", …

    let model = Sequential {
      Input(shape: [6], dataType: .int64)
      Embedding(inputDimension: vectorize.vocabularyCount, outputDimension: 8, masksZero: true)
      LSTM(units: 8)
      Dense(units: 1, activation: .sigmoid)
    }
    try model.compile(optimizer: .adam(), loss: .binaryCrossentropy)
    try model.fit(words, Tensor([1, 0, 0] as [Float]), epochs: 2, verbosity: .silent)
    _ = (vectorize, reviews, words, model)
  }

  /// Documentation/Text.md, line 41
  @Test func snippet2() async throws {
    var tokenizer = Tokenizer(wordLimit: 5000, unknownToken: "<OOV>")
    try tokenizer.fit(on: ["The fox runs.", "The dog sleeps."])
    let sequences = try padSequences(tokenizer.sequences(for: ["The cat runs."]), length: 5)
    let counts = try tokenizer.matrix(for: ["The cat runs."], mode: .weightedCount)
    let same = try Tokenizer(json: tokenizer.toJSON())
    _ = (sequences, counts, same)
  }

  /// Documentation/Text.md, line 59
  func snippet3() async throws {
    let all = try TextFolder("aclImdb/train", classNames: ["neg", "pos"], shuffleSeed: 1337)
    let (training, held) = (
      try all.subset(.training, validationShare: 0.2), try all.subset(.validation, validationShare: 0.2)
    )
    let vectorize = try TextVectorization(maxTokens: 20_000, sequenceLength: 500)
    try vectorize.adapt(to: StringTensor(training.texts()))
    let data = try training.data(batchSize: 32, labelMode: .binary) { try vectorize($0) }
    let validationData = try held.data(batchSize: 32, labelMode: .binary) { try vectorize($0) }
    _ = (all, vectorize, data, validationData)
  }

  /// Documentation/Text.md, line 79
  func snippet4() async throws {
    let vectorize = try TextVectorization(vocabulary: ["the", "fox"])
    let vectors = try WordVectors("glove.6B.100d.txt", for: vectorize.vocabulary())
    print("\(vectors.missing.count) words have no vector")
    let embedding = Embedding(
      inputDimension: vectors.table.shape[0], outputDimension: vectors.table.shape[1], weights: vectors.table)
    embedding.isTrainable = false
    _ = (vectorize, vectors, embedding)
  }
}

@Suite struct DocumentationTrainingmd {
  /// Documentation/Training.md, line 11
  @Test func snippet1() async throws {
    let labels = Tensor((0..<64).map { Int32($0 % 3) })
    let points = Tensor(repeating: 0.5, shape: [64, 4])
    let model = Sequential {
      Input(shape: [4])
      Dense(units: 16, activation: .relu)
      Dense(units: 3, activation: .softmax)
    }
    try model.compile(
      optimizer: .adam(learningRate: 1e-3), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let history = try model.fit(points, labels, batchSize: 16, epochs: 3, validationSplit: 0.25, verbosity: .silent)
    print(history["val_loss"] ?? [])
    let found = try model.evaluate(points, labels, verbosity: .silent)
    print(found["accuracy"] ?? 0)
    _ = (labels, points, model, history, found)
  }

  /// Documentation/Training.md, line 40
  @Test func snippet2() async throws {
    let points = Tensor(repeating: 0.5, shape: [8, 4])
    let x = Input(shape: [4])
    let kind = Dense(units: 3, activation: .softmax, name: "kind")(x)
    let size = Dense(units: 1, name: "size")(x)
    let model = try Model(inputs: [x], outputs: [kind, size])
    try model.compile(
      losses: ["kind": .sparseCategoricalCrossentropy, "size": .huber()], lossWeights: ["size": 0.5],
      metrics: ["kind": [.accuracy], "size": [.meanAbsoluteError]])
    try model.fit([points], [Tensor(zeros: [8]), Tensor(zeros: [8, 1])], verbosity: .silent)
    _ = (points, x, kind, size, model)
  }

  /// Documentation/Training.md, line 62
  @Test func snippet3() async throws {
    let model = Sequential {
      Input(shape: [8])
      Dense(units: 1)
    }
    struct Numbers: DataSource {
      var batchCount: Int? { 10 }
      func batches(inEpoch epoch: Int) -> BatchStream {
        var number = 0
        return BatchStream {
          guard number < 10 else { return nil }
          defer { number += 1 }
          return Batch(Tensor(zeros: [32, 8]), Tensor(zeros: [32, 1]))
        }
      }
    }
    try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    try model.fit(Numbers(), epochs: 2, verbosity: .silent)
    _ = (model)
  }

  /// Documentation/Training.md, line 94
  func snippet4() async throws {
    Session.current.dataTypePolicy = try DataTypePolicy(named: "mixed_bfloat16")   // before layers are made
  }

  /// Documentation/Training.md, line 113
  @Test func snippet5() async throws {
    let labels = Tensor((0..<64).map { Int32($0 % 3) })
    let points = Tensor(repeating: 0.5, shape: [64, 4])
    let model = Sequential {
      Input(shape: [4])
      Dense(units: 3, activation: .softmax)
    }
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy)
    final class Narrator: Callback {
      override func epochEnded(_ epoch: Int, _ logs: inout Logs) { print("epoch \(epoch): \(logs)") }
    }
    try model.fit(
      points, labels, epochs: 5, validationSplit: 0.25,
      callbacks: [.earlyStopping(patience: 2, restoresBest: true), .reduceLROnPlateau(patience: 1), Narrator()],
      verbosity: .silent)
    _ = (labels, points, model)
  }

  /// Documentation/Training.md, line 142
  @Test func snippet6() async throws {
    let labels = Tensor((0..<64).map { Int32($0 % 3) })
    let points = Tensor(repeating: 0.5, shape: [64, 4])
    let model = Sequential {
      Input(shape: [4])
      Dense(units: 3, activation: .softmax)
    }
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy)
    let folder = "/tmp"
    let history = try model.fit(
      points, labels, epochs: 5, validationSplit: 0.25, callbacks: [.historyPlot("\(folder)/curves.svg")],
      verbosity: .silent)
    try history.plot(to: "\(folder)/curves.png", title: "Points")
    let range = try model.findLearningRate(TensorData([points], [labels]))
    try range.plot(to: "\(folder)/rates.svg")
    model.optimizer?.learningRate = range.suggestion
    _ = (labels, points, model, folder, history, range)
  }

  /// Documentation/Training.md, line 168
  @Test func snippet7() async throws {
    let labels = Tensor(zeros: [16, 1])
    let points = Tensor(repeating: 0.5, shape: [16, 4])
    let model = Sequential {
      Input(shape: [4])
      Dense(units: 1)
    }
    final class SignDescent: Optimizer, @unchecked Sendable {
      init(learningRate: LearningRate = 1e-3) { super.init(name: "sign_descent", learningRate: learningRate) }
      override func update(_ weight: WeightUpdate) {
        weight.value = weight.value - weight.gradient.applying(.sign) * weight.learningRate
      }
    }
    let cubes = Loss.custom("cubes") { target, prediction in
      let error = (target - prediction).applying(.absolute)
      return (error * error * error).sum(axes: [-1])
    }
    try model.compile(optimizer: SignDescent(), loss: cubes)
    try model.fit(points, labels, verbosity: .silent)
    _ = (labels, points, model, cubes)
  }

  /// Documentation/Training.md, line 197
  @Test func snippet8() async throws {
    let labels = Tensor((0..<32).map { Int32($0 % 3) })
    let points = Tensor(repeating: 0.5, shape: [32, 4])
    let teacher = Sequential { Input(shape: [4]); Dense(units: 3) }
    let student = Sequential { Input(shape: [4]); Dense(units: 3) }
    try student.compile(
      optimizer: .adam(), loss: .sparseCategoricalCrossentropy(fromLogits: true), metrics: [.accuracy]
    ) { step in
      let predictions = try step.predictions()
      let wanted = try Ops.softmax(step.call(teacher, step.inputs[0], training: false) / 4)
      let found = try Ops.softmax(predictions.outputs[0] / 4)
      let distance = try Loss.klDivergence.record(wanted, found)
      let loss = try step.loss(of: predictions) * 0.1 + distance * 0.9
      try step.minimize(loss)
      try step.log("loss", loss)
      try step.log("distance", distance)
      try step.measure(predictions)                          // the metrics that compile was told
    }
    try student.fit(points, labels, epochs: 2, verbosity: .silent)
    _ = (labels, points, teacher, student)
  }

  /// Documentation/Training.md, line 219
  @Test func snippet9() async throws {
    let pictures = Tensor(repeating: 0.5, shape: [32, 8])
    final class Adversaries: Model, CustomTraining, @unchecked Sendable {
      let generator = Sequential { Input(shape: [2]); Dense(units: 8, activation: .tanh) }
      let critic = Sequential { Input(shape: [8]); Dense(units: 16, activation: .relu); Dense(units: 1) }
      let criticOptimizer = Adam(learningRate: 1e-4)

      func trainStep(_ step: TrainingStep) throws {
        let real = step.inputs[0]
        let made = try step.call(generator, step.random(shape: [step.sampleCount, 2]))
        let likeness = BinaryCrossentropy(fromLogits: true)
        let (onReal, onMade) = try (step.call(critic, real), step.call(critic, made))
        let loss = try likeness.record(Ops.onesLike(onReal), onReal) + likeness.record(Ops.zerosLike(onMade), onMade)
        try step.minimize(loss, by: critic.trainableWeights, with: criticOptimizer)

        let judged = try step.call(critic, made)
        let fooled = try likeness.record(Ops.onesLike(judged), judged)
        try step.minimize(fooled, by: generator.trainableWeights)
        try step.log("critic_loss", loss)
        try step.log("generator_loss", fooled)
      }
    }
    let adversaries = Adversaries()
    try adversaries.compile(optimizer: .adam(learningRate: 1e-4), otherOptimizers: [adversaries.criticOptimizer])
    try adversaries.fit([pictures], [], epochs: 2, verbosity: .silent)
    _ = (pictures, adversaries)
  }

  /// Documentation/Training.md, line 254
  @Test func snippet10() async throws {
    let pictures = Tensor(repeating: 0.5, shape: [32, 8])
    final class Sampling: Layer, @unchecked Sendable {
      override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
        let (mean, logVariance) = (context[inputs[0]], context[inputs[1]])
        let divergence = try ((Ops.exp(logVariance) + mean * mean - 1 - logVariance) * 0.5).sum(axis: -1).mean()
        context.addLoss(try divergence.value)
        context.addMetric(try divergence.value, name: "divergence")
        guard context.isTraining else { return [inputs[0]] }
        let noise = try context.graph.random(
          .normal(mean: 0, deviation: 1), shape: mean.spec.shape, seed: context.randomSeed())
        return [try (mean + Ops.exp(logVariance * 0.5) * context[noise]).value]
      }
    }
    let x = Input(shape: [8])
    let code = Sampling()([Dense(units: 2)(x), Dense(units: 2)(x)])
    let autoencoder = try Model(inputs: x, outputs: Dense(units: 8, activation: .sigmoid)(code))
    try autoencoder.compile(optimizer: .adam(), loss: .binaryCrossentropy)
    let history = try autoencoder.fit(pictures, pictures, epochs: 2, verbosity: .silent)
    print(history["divergence"] ?? [])
    _ = (pictures, x, code, autoencoder, history)
  }

  /// Documentation/Training.md, line 284
  @Test func snippet11() async throws {
    let labels = Tensor((0..<64).map { Int32($0 % 3) })
    let points = Tensor(repeating: 0.5, shape: [64, 4])
    let model = Sequential { Input(shape: [4]); Dense(units: 3) }
    let differentiate = GradientFunction(by: model.trainableWeights) { step in
      try Loss.sparseCategoricalCrossentropy(fromLogits: true)
        .record(step.inputs[1], step.call(model, step.inputs[0]))
    }
    let optimizer = Adam(learningRate: 1e-3)
    for epoch in 0..<2 {
      let batches = try TensorData([points], [labels], batchSize: 16, shuffleSeed: 1).batches(inEpoch: epoch)
      while let batch = try batches.next() {
        let (loss, gradients) = try differentiate(batch.inputs[0], batch.targets[0])
        try optimizer.apply(gradients, to: model.trainableWeights)
        print(loss)
      }
    }
    _ = (labels, points, model, differentiate, optimizer)
  }

  /// Documentation/Training.md, line 314
  @Test func snippet12() async throws {
    let labels = Tensor((0..<32).map { Int32($0 % 3) })
    let points = Tensor(repeating: 0.5, shape: [32, 4])
    let hidden = Dense(units: 16, activation: .relu)
    hidden.dataTypePolicy = try DataTypePolicy(named: "mixed_bfloat16")
    let model = Sequential {
      Input(shape: [4])
      hidden
      Dense(units: 3, activation: .softmax)
    }
    try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
    try model.fit(points, labels, verbosity: .silent)
    _ = (labels, points, hidden, model)
  }

  /// Documentation/Training.md, line 336
  @Test func snippet13() async throws {
    let labels = Tensor((0..<60).map { Int32($0 % 3) })
    let points = Tensor(repeating: 0.5, shape: [60, 4])
    let classifier = KerasClassifier(settings: ["units": 16, "rate": 0.01, "epochs": 3], seed: 1) { settings in
      let units = try settings.integer("units")
      let model = Sequential {
        Input(shape: [4])
        Dense(units: units, activation: .relu)
        Dense(units: 3, activation: .softmax)
      }
      try model.compile(
        optimizer: .adam(learningRate: .constant(settings.number("rate"))), loss: .sparseCategoricalCrossentropy)
      return model
    }
    try classifier.fit(points, labels)
    print(try classifier.score(points, labels))                        // accuracy
    print(try classifier.crossValidated(points, labels, folds: 3))     // 0.3333 ± 0.0000

    let search = GridSearch(classifier, over: ["units": [8, 16], "rate": [0.01, 0.1], "batch_size": [16, 32]])
    let found = try search.fit(points, labels, folds: 3)
    print(found)                                                       // a table of all that was tried
    let best = found.estimator                                         // fitted on everything
    print(try best.predictProba(points).shape)
    _ = (labels, points, classifier, search, found, best)
  }
}

@Suite struct SourcesKerasKerasdocc01Neuronmd {
  /// Sources/Keras/Keras.docc/01-Neuron.md, line 10
  @Test func snippet1() async throws {
    func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

    struct Neuron {
      var weights = [0.0, 0.0]
      var bias = 0.0

      func answer(_ x: [Double]) -> Double {
        sigmoid(weights[0] * x[0] + weights[1] * x[1] + bias)
      }
    }
    var neuron = Neuron()
    print(neuron.answer([1, 0]))     // 0.5: it knows nothing yet

    // The neuron is to say whether at least one of two things is so.
    let inputs: [[Double]] = [[0, 0], [0, 1], [1, 0], [1, 1]]
    let wanted: [Double] = [0, 1, 1, 1]
    let learningRate = 0.5
    for _ in 0..<1000 {
      for (x, y) in zip(inputs, wanted) {
        let slope = neuron.answer(x) - y
        for i in 0..<2 { neuron.weights[i] -= learningRate * slope * x[i] }
        neuron.bias -= learningRate * slope
      }
    }
    for x in inputs { print(x, neuron.answer(x)) }     // 0.01, 1.00, 1.00, 1.00
    _ = (inputs, wanted, learningRate)
  }

  /// Sources/Keras/Keras.docc/01-Neuron.md, line 55
  @Test func snippet2() async throws {
    let model = Sequential {
      Input(shape: [2])
      Dense(units: 1, activation: .sigmoid)
    }
    let x: Tensor = Tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    let y: Tensor = Tensor([[0.0], [1], [1], [1]])
    try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .binaryCrossentropy)
    try model.fit(x, y, batchSize: 1, epochs: 200, verbosity: .silent)
    print(try model.predict(x))      // 0.05, 0.98, 0.98 and 1.00
    for weight in model.weights { print(weight.name, weight.value) }
    _ = (model, x, y)
  }
}

@Suite struct SourcesKerasKerasdocc02FirstModelmd {
  /// Sources/Keras/Keras.docc/02-FirstModel.md, line 10
  @Test func snippet1() async throws {
    let model = Sequential {
      Input(shape: [2])
      Dense(units: 8, activation: .tanh)
      Dense(units: 1, activation: .sigmoid)
    }
    print(try model.summary())

    let x: Tensor = Tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    let eitherOr: Tensor = Tensor([[0.0], [1], [1], [0]])
    try model.compile(optimizer: .adam(learningRate: 0.05), loss: .binaryCrossentropy, metrics: [.accuracy])
    let history = try model.fit(x, eitherOr, epochs: 200, verbosity: .silent)
    print(history["loss"]?.last ?? 0)          // near 0
    print(try model.predict(x))                // near 0, 1, 1, 0
    _ = (model, x, eitherOr, history)
  }

  /// Sources/Keras/Keras.docc/02-FirstModel.md, line 40
  @Test func snippet2() async throws {
    var random = NumPyRandom(seed: 1)
    var (points, classes): ([Float], [Int32]) = ([], [])
    for number in 0..<300 {
      let middle = [[0.0, 1], [-1, -1], [1, -1]][number % 3]
      for place in middle { points.append(Float(place + random.uniform(-0.9, 0.9))) }
      classes.append(Int32(number % 3))
    }
    let x = try Tensor(points).reshaped(to: [300, 2])
    let y = Tensor(classes)

    let model = Sequential {
      Input(shape: [2])
      Dense(units: 16, activation: .relu)
      Dense(units: 3, activation: .softmax)
    }
    try model.compile(
      optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    try model.fit(x, y, epochs: 20, verbosity: .silent)
    print(try model.evaluate(x, y, verbosity: .silent)["accuracy"] ?? 0)     // about 0.99
    print(try model.predict(Tensor([[0.0, 1.2]])))                           // almost surely class 0
    _ = (x, y, model)
  }
}

@Suite struct SourcesKerasKerasdocc03FunctionalAPImd {
  /// Sources/Keras/Keras.docc/03-FunctionalAPI.md, line 10
  @Test func snippet1() async throws {
    let photo = Input(shape: [16, 16, 3], name: "photo")
    let facts = Input(shape: [4], name: "facts")

    var x = Conv2D(filters: 8, kernelSize: 3, activation: .relu)(photo)
    x = GlobalAveragePooling2D()(x)
    let both = Concatenate()([x, Dense(units: 8, activation: .relu)(facts)])

    let kind = Dense(units: 3, activation: .softmax, name: "kind")(both)
    let price = Dense(units: 1, name: "price")(both)
    let model = try Model(inputs: [photo, facts], outputs: [kind, price])
    print(kind.shape, price.shape)             // (None, 3) (None, 1): any number of samples

    try model.compile(
      losses: ["kind": .sparseCategoricalCrossentropy, "price": .meanSquaredError], lossWeights: ["price": 0.1])
    let (photos, numbers) = (Tensor(zeros: [8, 16, 16, 3]), Tensor(zeros: [8, 4]))
    try model.fit([photos, numbers], [Tensor(zeros: [8]), Tensor(zeros: [8, 1])], verbosity: .silent)
    let answers = try model.predict([photos, numbers])
    print(answers[0].shape, answers[1].shape)  // [8, 3] and [8, 1]
    _ = (photo, facts, both, kind, price, model, answers)
  }

  /// Sources/Keras/Keras.docc/03-FunctionalAPI.md, line 42
  @Test func snippet2() async throws {
    func block(_ x: SymbolicTensor, _ units: Int) -> SymbolicTensor {
      let hidden = Dense(units: units, activation: .relu)(x)
      return ReLU()(Add()([x, Dense(units: units)(hidden)]))
    }
    let x = Input(shape: [32])
    let model = try Model(inputs: [x], outputs: [Dense(units: 1)(block(block(x, 32), 32))])
    print(model.layers.count)
    _ = (x, model)
  }

  /// Sources/Keras/Keras.docc/03-FunctionalAPI.md, line 56
  @Test func snippet3() async throws {
    let eye = Sequential { Input(shape: [10]); Dense(units: 4, activation: .tanh) }
    let (left, right) = (Input(shape: [10]), Input(shape: [10]))
    let likeness = Dot(axes: 1, normalizes: true)([eye(left), eye(right)])
    let twins = try Model(inputs: [left, right], outputs: [likeness])
    print(twins.weights.count)                 // 2: a kernel and a bias, for both
    _ = (eye, likeness, twins)
  }
}

@Suite struct SourcesKerasKerasdocc04Trainingmd {
  /// Sources/Keras/Keras.docc/04-Training.md, line 14
  @Test func snippet1() async throws {
    let folder = "/tmp"
    var random = NumPyRandom(seed: 3)
    let places = (0..<60).map { _ in random.uniform(-1, 1) }
    let heights = places.map { sin(3 * $0) + random.uniform(-0.5, 0.5) }
    let x = try Tensor(places.map { Float($0) }).reshaped(to: [60, 1])
    let y = try Tensor(heights.map { Float($0) }).reshaped(to: [60, 1])

    func largeModel() throws -> Sequential {
      let model = Sequential {
        Input(shape: [1])
        Dense(units: 128, activation: .relu)
        Dense(units: 128, activation: .relu)
        Dense(units: 1)
      }
      try model.compile(optimizer: .adam(learningRate: 0.005), loss: .meanSquaredError)
      return model
    }
    let model = try largeModel()
    let history = try model.fit(
      x, y, batchSize: 10, epochs: 150, validationSplit: 0.3, verbosity: .silent)
    try history.plot(to: "\(folder)/overfitting.svg", title: "Too large a network")

    let careful = try largeModel()
    let shorter = try careful.fit(
      x, y, batchSize: 10, epochs: 150, validationSplit: 0.3,
      callbacks: [.earlyStopping(patience: 10, restoresBest: true)], verbosity: .silent)
    let (least, last) = (shorter["val_loss"]?.min() ?? 0, history["val_loss"]?.last ?? 0)
    print(shorter["loss"]?.count ?? 0, "epochs;", least, "instead of", last)

    let rates = try largeModel().findLearningRate(TensorData([x], [y], batchSize: 10))
    print(rates.suggestion)
    _ = (folder, places, heights, x, y, model, history, careful, shorter, rates)
  }
}

@Suite struct SourcesKerasKerasdocc05DropoutAndSchedulesmd {
  /// Sources/Keras/Keras.docc/05-DropoutAndSchedules.md, line 11
  @Test func snippet1() async throws {
    let layer = Dropout(0.5, seed: 1)
    let ones = Tensor(repeating: 1.0, shape: [1, 8])
    print(try layer(ones))                        // ones: nothing happens
    print(try layer(ones, training: true))        // about half of them 0, the others 2
    _ = (layer, ones)
  }

  /// Sources/Keras/Keras.docc/05-DropoutAndSchedules.md, line 21
  @Test func snippet2() async throws {
    let model = Sequential {
      Input(shape: [20])
      Dense(units: 64, activation: .relu, kernelRegularizer: .l2(1e-4))
      Dropout(0.3)
      Dense(units: 1, activation: .sigmoid)
    }
    try model.compile(optimizer: .adam(), loss: .binaryCrossentropy)
    try model.fit(Tensor(zeros: [32, 20]), Tensor(zeros: [32, 1]), verbosity: .silent)
    _ = (model)
  }

  /// Sources/Keras/Keras.docc/05-DropoutAndSchedules.md, line 37
  @Test func snippet3() async throws {
    let schedule = LearningRateSchedule.cosineDecay(
      initialRate: 0, steps: 900, warmupTarget: 0.05, warmupSteps: 100)
    let model = Sequential {
      Input(shape: [4])
      Dense(units: 1)
    }
    try model.compile(optimizer: .sgd(learningRate: .schedule(schedule), momentum: 0.9), loss: .meanSquaredError)
    try model.fit(Tensor(zeros: [32, 4]), Tensor(zeros: [32, 1]), epochs: 2, verbosity: .silent)
    _ = (schedule, model)
  }

  /// Sources/Keras/Keras.docc/05-DropoutAndSchedules.md, line 57
  @Test func snippet4() async throws {
    let model = Sequential {
      Input(shape: [4])
      Dense(units: 1)
    }
    let (x, y) = (Tensor(zeros: [40, 4]), Tensor(zeros: [40, 1]))
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
    try model.fit(
      x, y, epochs: 5, validationSplit: 0.25, callbacks: [.reduceLROnPlateau(factor: 0.5, patience: 2)],
      verbosity: .silent)
    _ = (model)
  }
}

@Suite struct SourcesKerasKerasdocc06Savingmd {
  /// Sources/Keras/Keras.docc/06-Saving.md, line 12
  @Test func snippet1() async throws {
    let folder = "/tmp"
    let model = Sequential {
      Input(shape: [4])
      Dense(units: 8, activation: .relu)
      Dense(units: 1)
    }
    try model.compile(optimizer: .adam(), loss: .meanSquaredError)
    let (x, y) = (Tensor(repeating: 0.5, shape: [16, 4]), Tensor(zeros: [16, 1]))
    try model.fit(x, y, verbosity: .silent)
    try model.save(to: "\(folder)/tutorial.keras")

    let again = try Model.load(from: "\(folder)/tutorial.keras")
    print(try again.predict(x).scalars(as: Float.self) == model.predict(x).scalars())     // true
    try again.fit(x, y, verbosity: .silent)                  // goes on where it was

    try model.saveWeights(to: "\(folder)/tutorial.weights.h5")
    let copy = Sequential {
      Input(shape: [4])
      Dense(units: 8, activation: .relu)
      Dense(units: 1)
    }
    try copy.loadWeights(from: "\(folder)/tutorial.weights.h5")

    try model.fit(
      x, y, epochs: 3, validationSplit: 0.25,
      callbacks: [.modelCheckpoint("\(folder)/best.keras", savesBestOnly: true), BackupAndRestore("\(folder)/backup")],
      verbosity: .silent)
    _ = (folder, model, again, copy)
  }
}

@Suite struct SourcesKerasKerasdocc07Convolutionmd {
  /// Sources/Keras/Keras.docc/07-Convolution.md, line 11
  @Test func snippet1() async throws {
    // Left half dark, right half light.
    let picture = Tensor(uninitialized: [1, 5, 6, 1], Float.self) { pixels in
      for i in pixels.indices { pixels[i] = i % 6 < 3 ? 0 : 1 }
    }
    let edges = try Tensor([-1.0, 0, 1, -1, 0, 1, -1, 0, 1]).reshaped(to: [3, 3, 1, 1])
    let found = try Ops.conv(picture, kernel: edges)
    print(found.shape)                             // [1, 3, 4, 1]
    print(found.scalars(as: Float.self))           // 0 3 3 0 in each row: only where dark meets light
    _ = (picture, edges, found)
  }

  /// Sources/Keras/Keras.docc/07-Convolution.md, line 30
  @Test func snippet2() async throws {
    var random = NumPyRandom(seed: 5)
    var (pixels, labels): ([Float], [Int32]) = ([], [])
    for number in 0..<200 {
      var picture = (0..<144).map { _ in Float(random.uniform(0, 0.5)) }
      let (start, line) = (random.integer(in: 0..<6), random.integer(in: 0..<12))
      for step in start..<start + 6 {
        picture[number % 2 == 0 ? step * 12 + line : line * 12 + step] = 1
      }
      pixels += picture
      labels.append(Int32(number % 2))
    }
    let x = try Tensor(pixels).reshaped(to: [200, 12, 12, 1])
    let y = Tensor(labels)

    let model = Sequential {
      Input(shape: [12, 12, 1])
      Conv2D(filters: 8, kernelSize: 3, activation: .relu)
      MaxPooling2D(poolSize: 2)
      Conv2D(filters: 16, kernelSize: 3, activation: .relu)
      GlobalMaxPooling2D()
      Dense(units: 2, activation: .softmax)
    }
    try model.compile(
      optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let history = try model.fit(x, y, epochs: 15, validationSplit: 0.25, verbosity: .silent)
    print(history["val_accuracy"]?.last ?? 0)      // 1: every bar of those held out
    _ = (x, y, model, history)
  }

  /// Sources/Keras/Keras.docc/07-Convolution.md, line 65
  func snippet3() async throws {
    let flowers = try ImageFolder("flowers", size: ImageSize(side: 64), shuffleSeed: 1)
    let training = try flowers.subset(.training, validationShare: 0.2).data()
    let held = try flowers.subset(.validation, validationShare: 0.2).data()
    let model = Sequential {
      Input(shape: [64, 64, 3])
      RandomFlip(.horizontal)
      RandomRotation(0.05)
      Rescaling(scale: 1 / 255.0)
      Conv2D(filters: 32, kernelSize: 3, activation: .relu)
      MaxPooling2D(poolSize: 2)
      Conv2D(filters: 64, kernelSize: 3, activation: .relu)
      GlobalAveragePooling2D()
      Dense(units: flowers.classNames?.count ?? 2, activation: .softmax)
    }
    try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    try model.fit(training, epochs: 20, validationData: held)
    _ = (flowers, training, held, model)
  }
}

@Suite struct SourcesKerasKerasdocc08Recurrencemd {
  /// Sources/Keras/Keras.docc/08-Recurrence.md, line 11
  @Test func snippet1() async throws {
    let x = Input(shape: [20, 3])                                  // 20 steps of 3 numbers
    print(LSTM(units: 8)(x).shape)                                 // (None, 8)
    print(LSTM(units: 8, returnsSequences: true)(x).shape)         // (None, 20, 8)
    print(Bidirectional(LSTM(units: 8))(x).shape)                  // (None, 16): once from each end
    _ = (x)
  }

  /// Sources/Keras/Keras.docc/08-Recurrence.md, line 25
  @Test func snippet2() async throws {
    let folder = "/tmp"
    var random = NumPyRandom(seed: 2)
    let days = 400
    let past = 24
    let heights = (0..<days).map { day in Float(sin(Double(day) * 0.26) + random.uniform(-0.2, 0.2)) }
    let series = try Tensor(heights).reshaped(to: [days, 1])

    // The target of a window is the step behind it.
    func windows(_ range: Range<Int>, shuffleSeed: UInt32? = nil) throws -> TimeseriesData {
      try TimeseriesData(
        series.rows(range), targets: series.rows(range.lowerBound + past..<range.upperBound), sequenceLength: past,
        batchSize: 32, shuffleSeed: shuffleSeed)
    }
    let model = Sequential {
      Input(shape: [past, 1])
      LSTM(units: 16)
      Dense(units: 1)
    }
    try model.compile(
      optimizer: .adam(learningRate: 0.01), loss: .meanSquaredError, metrics: [.meanAbsoluteError])
    let history = try model.fit(
      windows(0..<300, shuffleSeed: 1), epochs: 15, validationData: windows(300..<400), verbosity: .silent)
    try history.plot(to: "\(folder)/series.svg", title: "A wave with noise")
    print(history["val_mean_absolute_error"]?.last ?? 0)           // near 0.1, as much as the noise
    _ = (folder, days, past, heights, series, model, history)
  }
}

@Suite struct SourcesKerasKerasdocc09Textmd {
  /// Sources/Keras/Keras.docc/09-Text.md, line 10
  @Test func snippet1() async throws {
    let reviews = [
      "a wonderful film", "moving and funny", "wonderful actors", "funny and clever", "a clever film",
      "a boring film", "long and boring", "terrible actors", "a terrible waste", "long and predictable",
    ]
    let vectorize = try TextVectorization(maxTokens: 50, sequenceLength: 4)
    try vectorize.adapt(to: StringTensor(reviews))
    let words = try vectorize(StringTensor(reviews))
    print(words.shape)                             // [10, 4]
    print(vectorize.vocabularyCount)

    let praise: Tensor = Tensor([[1.0], [1], [1], [1], [1], [0], [0], [0], [0], [0]])
    let model = Sequential {
      Input(shape: [4], dataType: .int64)
      Embedding(inputDimension: vectorize.vocabularyCount, outputDimension: 8, masksZero: true)
      Bidirectional(LSTM(units: 8))
      Dense(units: 1, activation: .sigmoid)
    }
    try model.compile(optimizer: .adam(learningRate: 0.02), loss: .binaryCrossentropy)
    try model.fit(words, praise, epochs: 30, verbosity: .silent)
    for text in ["a funny waste", "clever and moving", "predictable and terrible"] {
      print(text, try model.predict(vectorize(StringTensor([text]))).scalars(as: Float.self)[0])
    }
    _ = (reviews, vectorize, words, praise, model)
  }

  /// Sources/Keras/Keras.docc/09-Text.md, line 51
  func snippet2() async throws {
    let vectorize = try TextVectorization(vocabulary: ["the", "fox"])
    let vectors = try WordVectors("glove.6B.100d.txt", for: vectorize.vocabulary())
    let embedding = Embedding(
      inputDimension: vectors.table.shape[0], outputDimension: vectors.table.shape[1], weights: vectors.table)
    embedding.isTrainable = false
    _ = (vectorize, vectors, embedding)
  }
}

@Suite struct SourcesKerasKerasdocc10Applicationsmd {
  /// Sources/Keras/Keras.docc/10-Applications.md, line 18
  @Test func snippet1() async throws {
    let folder = "Examples/Pictures"
    let model = try CIFAR10ResNet20()
    let photo = try Image(contentsOf: "\(folder)/cat.jpg")
    for guess in try model.classify(photo, top: 2) { print(guess.label, guess.probability) }   // cat 0.95 …

    let extractor = try model.featureExtractor(pooling: .average)
    let features = try extractor.predict(model.preprocess([photo, photo]))
    print(features.shape)                          // [2, 64]

    let images = try (0..<20).map { number in
      let pixels = (0..<3072).map { place in
        let color = place % 3 == number % 2 ? 200 : 40
        return UInt8(color + (place * 7 + number * 13) % 50)
      }
      return try Image(width: 32, height: 32, mode: .rgb, pixels: pixels)
    }
    let x = try model.preprocess(images)
    let y = Tensor((0..<20).map { Int32($0 % 2) })
    let names = ClassLabels(["red", "green"].map { ClassLabel(id: $0, name: $0) })

    let tuning = try FineTuning(model, labels: names, seed: 1)
    try tuning.trainHead(
      on: TensorData([x.rows(0..<16)], [y.rows(0..<16)]), validation: TensorData([x.rows(16..<20)], [y.rows(16..<20)]),
      epochs: 30, learningRate: 0.01)
    print(tuning.best["val_accuracy"] ?? 0)        // 1
    print(try tuning.model.classify(images[0], top: 1)[0].label)
    _ = (folder, model, photo, extractor, features, images, x, y, names, tuning)
  }
}
