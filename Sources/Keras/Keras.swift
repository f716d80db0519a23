// `import Keras` is all a user writes.
@_exported import KerasApplications
@_exported import KerasCharts
@_exported import KerasDatasets
@_exported import KerasFiles
@_exported import KerasFineTuning
@_exported import KerasModels
@_exported import KerasPreprocessing
@_exported import KerasStore
@_exported import KerasTensorBoard
@_exported import KerasTraining
@_exported import KerasWeights
@_exported import KerasXLABackend
